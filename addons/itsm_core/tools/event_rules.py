"""What an event is about: rules from labels to item, service, impact, urgency and team.

The rules are gone through in their order. Each that fits gives what it says and what no
earlier one has given; so one rule can say which item an alert is about, and another how
bad it is. No Odoo in here.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from .label_matchers import fit

#: Impact and urgency ("1" high to "3" low) by the label ``severity``, where no rule
#: says it. The words are those that monitoring systems commonly use.
SEVERITIES = {
    **dict.fromkeys(
        ("critical", "crit", "fatal", "emergency", "disaster", "page"), ("2", "1")
    ),
    **dict.fromkeys(("error", "high", "major", "average", "warning", "warn"), "22"),
    **dict.fromkeys(("minor", "low", "info", "information", "notice", "none"), "33"),
}
MIDDLE = ("2", "2")


class Rule(NamedTuple):
    """One rule; 0 or an empty text says nothing."""

    rule_id: int
    source_ids: frozenset
    matchers: tuple
    ci_id: int = 0
    ci_label: str = ""
    service_id: int = 0
    service_label: str = ""
    impact: str = ""
    urgency: str = ""
    team_id: int = 0
    is_recorded_only: bool = False

    def fits(self, source_id, labels):
        """Tell whether the rule speaks of an event."""
        return (not self.source_ids or source_id in self.source_ids) and fit(
            self.matchers, labels
        )


class Answer(NamedTuple):
    """What the rules say of an event.

    :ivar tuple rule_ids: the rules that said something
    :ivar tuple ci_names: names under which to look for the item, best first
    :ivar tuple service_names: likewise for the service
    :ivar int recorded_by: the rule by which the event is recorded only, or 0
    """

    rule_ids: tuple
    ci_id: int
    ci_names: tuple
    service_id: int
    service_names: tuple
    impact: str
    urgency: str
    team_id: int
    recorded_by: int


def apply_rules(rules, source_id, labels):
    """Return what the rules say of an event.

    :param rules: of :class:`Rule`, in their order
    :param dict labels: texts by name
    :rtype: Answer
    """
    rule_ids = []
    ci_id = service_id = team_id = recorded_by = 0
    ci_names = service_names = ()
    impact = urgency = ""
    for rule in rules:
        if not rule.fits(source_id, labels):
            continue
        before = (ci_id, ci_names, service_id, service_names, impact, urgency, team_id)
        if not ci_id and not ci_names:
            ci_id = rule.ci_id
            ci_names = () if ci_id else names_of_host(labels.get(rule.ci_label, ""))
        if not service_id and not service_names:
            service_id = rule.service_id
            if not service_id and labels.get(rule.service_label):
                service_names = (labels[rule.service_label],)
        impact = impact or rule.impact
        urgency = urgency or rule.urgency
        team_id = team_id or rule.team_id
        after = (ci_id, ci_names, service_id, service_names, impact, urgency, team_id)
        if rule.is_recorded_only and not recorded_by:
            recorded_by = rule.rule_id
        if before != after or recorded_by == rule.rule_id:
            rule_ids.append(rule.rule_id)
    usual = SEVERITIES.get(labels.get("severity", "").strip().lower(), MIDDLE)
    return Answer(
        tuple(rule_ids),
        ci_id,
        ci_names,
        service_id,
        service_names,
        impact or usual[0],
        urgency or usual[1],
        team_id,
        recorded_by,
    )


def names_of_host(value):
    """Return the names that a label such as ``instance`` may stand for, best first.

    The value as it is, then without scheme, path and port, then without domain:
    ``http://erp-app-01.example.com:9100/metrics`` is also ``erp-app-01``.

    :param str value: of a label, or empty
    :rtype: tuple[str]
    """
    value = value.strip()
    names = [value]
    try:
        host = urlsplit(value if "//" in value else f"//{value}").hostname or ""
    except ValueError:
        host = ""
    names.append(host)
    if not host.replace(".", "").isdigit():  # an address has no domain
        names.append(host.partition(".")[0])
    seen = {}
    for name in names:
        if name and name.lower() not in seen:
            seen[name.lower()] = name
    return tuple(seen.values())
