"""Everyday work: tickets made from cards, spread over a year.

A card says what happens, its picks say to whom and to what. When it happens, who
works on it and how long it takes is drawn with a seed of its own for each ticket, so
that the story is the same on every load of a day and a new card changes no other.
"""

import random
from datetime import timedelta

from .chronicle import FIELDS, read_sections
from .play import Step, Story, in_order

TEAMS = {
    "desk": ("nair", "nair", "reid", "marchetti", "walcott", "price"),
    "workplace": ("ilie", "diallo"),
    "infrastructure": ("zielinski", "lindqvist", "appiah"),
    "network": ("novak", "haddad"),
    "applications": ("rahman", "fontaine", "bellamy"),
}
#: Who looks after a service in the applications team.
SPECIALISTS = {
    "erp": ("rahman", "rahman", "fontaine"),
    "scanning": ("fontaine",),
    "shop": ("bellamy", "bellamy", "rahman"),
}
CUSTOMERS_OUTSIDE = {"fenwick", "adeyemi", "harcourt", "cole", "shetty", "rowntree"}
AT_NIGHT = {"amos", "castell"}
IN_SHIFTS = {
    *("whitcombe", "ojo", "mudge", "bryant", "wrona", "foley", "siddiqui", "trent"),
    *("kaminska", "appiah", "novak", "zielinski", "lindqvist", "haddad"),
}
#: Monday to Sunday.
WEEKDAYS = (1.5, 1.15, 1.0, 1.0, 0.85, 0.14, 0.07)
#: Local hours in which people report what is wrong, and how likely.
HOURS = {7: 4, 8: 14, 9: 16, 10: 13, 11: 10, 12: 5, 13: 9, 14: 11, 15: 9, 16: 6, 17: 3}
NIGHT_HOURS = {22: 4, 23: 4, 0: 3, 1: 3, 2: 2, 3: 2, 4: 3, 5: 5}
URGENT = ("11", "12", "21")
#: Minutes of office hours that a ticket waits, from and to.
WAITS = {
    "customer": (120, 2400),
    "supplier": (1500, 6500),
    "approval": (240, 2400),
    "change": (2000, 6000),
    "planned": (1200, 6500),
}
GREETINGS = ("Hello,", "Good morning,", "Hi,", "Hello service desk,", "")
ANSWERS = ("Hello {first},", "Good morning {first},", "Hi {first},", "", "")
#: What the desk writes when another team goes on.
HANDOVERS = (
    "I have passed this on to our {team} team. They will write to you.",
    "This is one for the {team} team; they have it now and will be in touch.",
    "Thank you, I have what I need. The {team} team takes it from here.",
    "I could not do this myself, so it is with our {team} team now.",
)
RETURNS = (
    "I am afraid it is back, the same as before.",
    "It worked until this morning, now I have it again.",
    "Not quite: one colleague still has it.",
    "Sorry, it is not gone. Could you look once more?",
)
SECOND_ANSWERS = (
    "I am sorry. I have looked again and found the rest of it; please try now.",
    "Thank you for coming back. One step was missing, it is done now.",
    "That was my mistake. It is complete now.",
)
WITHDRAWALS = (
    "Please forget it, it works again.",
    "You can close this, my colleague has shown me.",
    "No longer needed, thank you.",
)


def read_cards(path):
    """Return ``(key, card, pick)`` for each ticket that the cards of a file give."""
    tickets = []
    for key, card in read_sections(path).items():
        picks = card.get("pick", "").strip().splitlines() or [""]
        for number, line in enumerate(picks):
            pairs = (pair.split("=", 1) for pair in line.split(";") if pair.strip())
            pick = {name.strip(): value.strip() for name, value in pairs}
            tickets.append((f"{key}_{number + 1}", card, pick))
    return tickets


def tell(key, card, pick, clock, people):
    """Return the story of a ticket.

    :param dict card: a section of a file of cards
    :param dict pick: what fills the gaps in its texts
    :param clock: :class:`~.clock.StoryClock`
    :param dict people: name by key
    """
    return _Teller(key, card, pick, clock, people).tell()


class _Teller:
    def __init__(self, key, card, pick, clock, people):
        self._random = random.Random(f"harborline {key}")
        self._key = key
        self._card = card
        self._pick = pick
        self._clock = clock
        callers = pick.get("from") or card["from"]
        self._caller = self._random.choice(
            [name.strip() for name in callers.split(",")]
        )
        self._first_name = people[self._caller].split()[0]
        self._team = card.get("team", "desk")
        self._urgent = card.get("level", "33") in URGENT
        self._channel = card.get("channel") or self._draw_channel()

    def tell(self):
        opened = self._draw_opening()
        state = self._random.getstate()
        while True:
            # A ticket of yesterday that would not be done yet was opened earlier.
            self._random.setstate(state)
            story = self._work_through(opened)
            if self._resolved_at < self._clock.now - timedelta(hours=2):
                return in_order(story)
            opened -= timedelta(days=7)

    # What is drawn

    def _draw_channel(self):
        if self._caller in CUSTOMERS_OUTSIDE:
            return self._random.choices(("web", "email", "phone"), (6, 3, 1))[0]
        channels = ("phone", "email", "web", "walkup")
        return self._random.choices(channels, (40, 33, 20, 7))[0]

    def _draw_opening(self):
        clock = self._clock
        days = [clock.today - timedelta(days=back) for back in range(1, 366)]
        months = self._card.get("months", "")
        if months:
            wanted = {int(month) for month in months.split(",")}
            days = [day for day in days if day.month in wanted]
        day = self._random.choices(days, [self._weigh(day) for day in days])[0]
        by_hour = NIGHT_HOURS if self._caller in AT_NIGHT else HOURS
        hour = self._random.choices(list(by_hour), list(by_hour.values()))[0]
        moment = clock.at(day, hour, self._random.randrange(60))
        return moment + timedelta(seconds=self._random.randrange(60))

    def _weigh(self, day):
        if self._clock.is_working_day(day):
            weight = WEEKDAYS[day.weekday()]
        elif self._caller in IN_SHIFTS:
            weight = WEEKDAYS[max(day.weekday(), 5)]
        else:
            return 0
        date = (day.month, day.day)
        if (11, 23) <= date <= (12, 21):
            weight *= 2.1
        elif date >= (12, 24) or date <= (1, 2):
            weight *= 0.35
        elif day.month == 8:
            weight *= 0.75
        if (self._clock.today - day).days < 14:
            # These days have what is still open, too.
            weight *= 0.4
        return weight

    def _minutes(self, low, high):
        return self._random.uniform(low, high)

    # What is written

    def _fill(self, text):
        return text.format(**self._pick)

    def _get_fields(self):
        card, pick = self._card, self._pick
        fields = {name: card.get(name, default) for name, default in FIELDS.items()}
        text = self._fill(card["text"])
        greeting = self._random.choice(GREETINGS)
        if self._channel in ("email", "web"):
            text = "\n".join(filter(None, (greeting, text, self._first_name)))
        fields.update(
            subject=self._fill(card["subject"]),
            text=text,
            service=card["service"],
            caller=self._caller,
            major={},
            channel=self._channel,
            ci=pick.get("ci", fields["ci"]),
        )
        return fields

    # What happens

    def _work_through(self, opened):
        self._steps = []
        self._now = opened
        self._who = ""
        story = Story(self._key, self._get_fields(), opened, self._steps)
        self._arrive()
        if self._is_withdrawn():
            self._step("reply", text=self._random.choice(WITHDRAWALS), after=30)
            self._step("cancel", after=self._minutes(2, 20))
            self._resolved_at = self._now
            return story
        self._converse()
        self._resolve()
        if self._random.random() < 0.06:
            self._come_back()
        self._resolved_at = self._now
        self._close()
        return story

    def _step(self, verb, who="", what="", text="", after=0.0):
        """Add what happens after so many minutes of office hours."""
        if self._urgent or (after < 5 and self._channel in ("phone", "walkup")):
            self._now += timedelta(minutes=after)
        else:
            self._now = self._clock.add_work(self._now, after)
        self._now = self._now.replace(microsecond=0)
        self._steps.append(Step(self._now, verb, who, what, text))

    def _arrive(self):
        """Have the desk take the ticket, and the team it belongs to."""
        at_once = self._channel in ("phone", "walkup")
        if at_once:
            wait = self._minutes(1, 3)
        else:
            wait = self._minutes(5, 20) if self._urgent else self._minutes(10, 110)
        if self._channel == "monitoring":
            self._step("team", what=self._team)
        else:
            self._who = self._random.choice(TEAMS["desk"])
            self._step("take", self._who, "desk", after=wait)
        if self._team == "desk" and self._who:
            return
        if self._who:
            text = self._random.choice(HANDOVERS).format(team=self._team)
            self._step("say", self._who, text=text, after=self._minutes(2, 10))
            self._step("hand", what=self._team, after=self._minutes(2, 10))
        members = TEAMS[self._team]
        if self._team == "applications":
            members = SPECIALISTS.get(self._card["service"], members)
        self._who = self._random.choice(members)
        wait = self._minutes(3, 15) if self._urgent else self._minutes(30, 900)
        self._step("take", self._who, self._team, after=wait)

    def _is_withdrawn(self):
        return (
            self._random.random() < 0.03
            and self._channel != "monitoring"
            and not self._urgent
        )

    def _converse(self):
        lines = [line.strip() for line in self._card["talk"].strip().splitlines()]
        hours = float(self._card.get("hours", 2))
        spread = (0, 0.35) if self._urgent else (0.9, 0.8)
        effort = hours * 60 * self._random.lognormvariate(*spread)
        share = effort / (len(lines) + 1)
        wait = self._card.get("wait")
        waiting = False
        for place, line in enumerate(lines):
            kind, text = line.split(": ", 1)
            text = self._fill(text)
            if waiting and (kind != "C" or wait == "customer"):
                self._step("work", after=self._minutes(*WAITS[wait]))
                waiting = False
            if kind == "C":
                self._step("reply", text=text, after=self._minutes(4, 30))
            elif kind == "A":
                greeting = self._random.choice(ANSWERS) if place == 0 else ""
                text = "\n".join(filter(None, (greeting, text)))
                text = text.replace("{first}", self._first_name)
                self._step("say", self._who, text=text, after=share)
            else:
                self._step("note", self._who, text=text, after=share)
            if wait and place == 0:
                self._step("pend", what=wait, after=1)
                waiting = True
        if waiting:
            self._step("work", after=self._minutes(*WAITS[wait]))
        self._rest = share

    def _resolve(self, text=""):
        resolution = self._fill(self._card["solution"])
        code = self._card.get("code", "solved")
        text = " ".join(filter(None, (resolution, text)))
        self._step("resolve", self._who, code, text, after=self._rest)

    def _come_back(self):
        self._step(
            "reply",
            text=self._random.choice(RETURNS),
            after=self._minutes(200, 900),
        )
        self._step("reopen")
        answer = self._random.choice(SECOND_ANSWERS)
        self._step("say", self._who, text=answer, after=self._minutes(20, 120))
        self._resolve(self._random.choice(("Checked a second time.", "Done again.")))

    def _close(self):
        clock = self._clock
        day = clock.to_local(self._now).date()
        last = clock.move_working_days(day, 3)
        self._now = clock.at(last + timedelta(days=1), 0, 5)
        self._steps.append(Step(self._now, "close"))
