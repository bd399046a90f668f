"""When an escalation rule is to act on a clock.

No Odoo in here, and no "now": the same facts give the same moment at any time. Moments
are seconds since 1970 in UTC, as in :mod:`.clock`.
"""

import math
from typing import NamedTuple

from .clock_reading import moment_of_share
from .working_time import NoWorkingTime


class Policy(NamedTuple):
    """What an escalation rule asks for. Empty conditions match everything.

    :param int percent: the share of the target, in working time, at which it acts
    :param int since: from when on it holds
    :param bool only_warns: it does nothing but warn customers, so that it is only
        about agreements that say so
    """

    rule: int
    company: int
    percent: int
    since: int
    kind: str
    metric: str
    priority: str
    ticket_type: str
    services: tuple
    teams: tuple
    only_warns: bool

    def is_about(self, company, kind, metric, warns):
        """Return whether it can be about a clock, whatever its ticket is like."""
        return (
            self.company in (0, company)
            and self.kind in ("", kind)
            and self.metric in ("", metric)
            and (warns or not self.only_warns)
        )

    def matches(self, ticket):
        """Return whether a ticket, given as its columns, meets the conditions."""
        return (
            self.priority in ("", ticket["priority"])
            and self.ticket_type in ("", ticket["ticket_type"])
            and (not self.services or ticket["service_id"] in self.services)
            and (not self.teams or ticket["team_id"] in self.teams)
        )


def moment_to_act(policy, clock, rule):
    """Return when a policy is to act on a clock, or None.

    That is never for what happened before the policy held. Of a clock that is older
    than the policy, and had used the share before it last paused, it is not known
    when exactly: it is left alone, too.

    :param Policy policy: one that matches
    :param Clock clock: of the ticket
    :param Rule rule: the target of the clock
    """
    try:
        moment = moment_of_share(clock, rule, policy.percent)
    except NoWorkingTime:
        return None
    if moment is None or moment < policy.since:
        return None
    is_past_event = clock.used_seconds >= math.ceil(rule.seconds * policy.percent / 100)
    if is_past_event and clock.start < policy.since:
        return None
    return moment
