"""A clock as a person would keep it: watching the ticket, tick by tick.

Everything happens at whole ticks. Nothing is shared with the clocks under test but
the facts and the rule.
"""

TICK = 600
ACTIVE = ("new", "open", "pending")
DONE = ("resolved", "closed")


def what_it_does(rule, spans, moment):
    """What the clock does in the tick that begins at a moment."""
    now = [span for span in spans if span.start <= moment][-1]
    later = [span for span in spans if span.start > moment]
    was_really_resolved = not (
        rule.count_resolved and any(span.state in ACTIVE for span in later)
    )
    if now.state == "cancelled":
        return "cancelled"
    if now.state in DONE and was_really_resolved:
        return "stopped"
    if rule.team and now.team != rule.team:
        return "paused"
    if now.state == "pending" and now.pending_reason in rule.pausing:
        return "paused"
    return "running"


def messages_of_the_team(rule, spans, contacts):
    return [
        contact
        for contact in contacts
        if not rule.team
        or any(
            span.team == rule.team and span.start <= contact <= (span.stop or contact)
            for span in spans
        )
    ]


def as_long_as_it_applied(rule, spans, applies):
    """Return the spans that matter, and when the target was withdrawn, if it was."""
    withdrawn = None
    spans = list(spans)
    while spans and not applies[len(spans) - 1]:
        withdrawn = spans.pop().start
    while rule.team and spans:
        if spans[0].team == rule.team and spans[0].state in ACTIVE:
            break
        spans.pop(0)
    return spans, withdrawn


def write_diary(rule, spans, contacts, until):
    """Return what it does in each tick, up to a moment, by the tick's beginning."""
    diary = {}
    answered = False
    for tick in range(spans[0].start, until, TICK):
        state = [span for span in spans if span.start <= tick][-1].state
        answered = answered or tick in contacts or state in DONE
        if rule.metric == "response" and answered:
            diary[tick] = "stopped"
        else:
            diary[tick] = what_it_does(rule, spans, tick)
    return diary


def add_up(rule, diary, resets, end, is_open):
    """Return (seconds used, when what is due was overrun, first overrun)."""
    used, reached, overrun, first, running_since = 0, None, None, None, None
    for tick in range(min(diary), end + TICK, TICK):
        if tick in resets:
            used, reached, overrun = 0, None, None
        if tick == end:
            break
        if diary[tick] != "running":
            running_since = None
            continue
        running_since = running_since or tick
        if used >= rule.seconds:
            overrun = overrun or max(reached, running_since)
            first = first or overrun
        if is_open(tick):
            used += TICK
            if used == rule.seconds:
                reached = tick + TICK
    return used, overrun, first


def go_on(moment, left, is_open):
    """Return when so much more is used if the clock runs from a moment on."""
    while left:
        if is_open(moment):
            left -= TICK
        moment += TICK
    return moment


def watch(rule, spans, contacts, applies, is_open):
    """Return the clock as a dictionary, or None where the target never applied.

    :param is_open: callable that tells whether the tick that begins at a moment is
        working time
    """
    spans, withdrawn = as_long_as_it_applied(rule, spans, applies)
    if not spans:
        return None
    contacts = messages_of_the_team(rule, spans, contacts)
    last = max([spans[-1].start, *contacts])
    diary = write_diary(rule, spans, contacts, withdrawn or last + TICK)
    since = max(diary)
    state = diary[since]
    while diary.get(since - TICK) == state:
        since -= TICK
    resets = contacts if rule.metric == "update" else []
    if state in ("stopped", "cancelled"):
        resets = [contact for contact in resets if contact <= since]
    if withdrawn:
        resets = [contact for contact in resets if contact < withdrawn]
    end = withdrawn or max([since, *resets])
    used, overrun, missed_at = add_up(rule, diary, resets, end, is_open)

    stop = since if state in ("stopped", "cancelled") else None
    if withdrawn and state != "cancelled":
        if missed_at is None:
            state, stop = "cancelled", withdrawn
        else:
            state, stop = "stopped", stop or withdrawn
    due = overrun
    if due is None and state == "paused" and used == rule.seconds:
        due = since
    if due is None and state in ("running", "stopped"):
        due = go_on(stop or end, rule.seconds - used, is_open)
    if state == "running" and due < spans[-1].start:
        missed_at = missed_at or due
    return {
        "state": state,
        "start": spans[0].start,
        "due": due,
        "stop": stop,
        "used_seconds": used,
        "paused_since": since if state == "paused" else None,
        "missed_at": missed_at,
    }
