"""Who is on duty in the weeks around today, and who is away."""

from datetime import timedelta

WEEKS = range(-1, 5)
#: One on duty in the morning and one in the afternoon, in turn.
DESK = ("nair", "marchetti", "reid", "walcott", "price")
#: On call for a week each, from Monday at eight.
ON_CALL = {
    "infrastructure": ("zielinski", "lindqvist", "appiah"),
    "network": ("novak", "haddad"),
    "applications": ("rahman", "fontaine", "bellamy"),
}
#: Who is away, from and to as :meth:`~.clock.StoryClock.parse` reads them, and why.
ABSENCES = (
    ("walcott", "-2d 00:00", "+2d 18:00", "leave"),
    ("reid", "+1d 13:00", "+1d 18:00", "duties"),
    ("diallo", "+4d 08:00", "+6d 18:00", "training"),
    ("lindqvist", "+7d 00:00", "+16d 18:00", "leave"),
    ("price", "-24d 00:00", "-15d 18:00", "leave"),
)


def plan_shifts(clock):
    """Return ``(team, person, start, stop)`` by keys and in UTC.

    :param clock: :class:`~.clock.StoryClock`
    """
    monday = clock.today - timedelta(days=clock.today.weekday())
    shifts = []
    for week in WEEKS:
        begin = monday + timedelta(weeks=week)
        # Counted from a fixed day, so that the turns go on from load to load.
        turn = begin.toordinal() // 7
        for weekday in range(5):
            day = begin + timedelta(days=weekday)
            if not clock.is_working_day(day):
                continue
            early = DESK[(turn * 5 + weekday) % len(DESK)]
            late = DESK[(turn * 5 + weekday + 2) % len(DESK)]
            shifts.append(("desk", early, clock.at(day, 7), clock.at(day, 13)))
            shifts.append(("desk", late, clock.at(day, 13), clock.at(day, 19)))
        end = begin + timedelta(weeks=1)
        for team, people in ON_CALL.items():
            person = people[turn % len(people)]
            shifts.append((team, person, clock.at(begin, 8), clock.at(end, 8)))
    return shifts


def plan_absences(clock):
    """Return ``(person, start, stop, kind)`` by key and in UTC."""
    return [
        (person, clock.parse(start), clock.parse(stop), kind)
        for person, start, stop, kind in ABSENCES
    ]
