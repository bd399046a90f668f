"""Which targets a ticket is measured by.

A plain function of the agreements and of what the ticket is: no environment, no
queries. The rules are those of the service level agreements themselves:

* For SLAs, the customer's agreement for the service goes before the customer's
  general one, that before the default of the service, and that before the default of
  the company. The first agreement found applies as a whole: what it does not promise,
  no other one promises in its place.
* An OLA applies while its team has the ticket, an underpinning contract while the
  ticket waits for its supplier.
* An agreement applies to tickets that were opened while it held.
* Within an agreement the most specific target applies: one for a service goes before
  one for a priority, that before one for a type, and two conditions before one.
"""

from collections import defaultdict
from typing import NamedTuple

#: Why the agreement of a party applies.
PARTY_BASES = {"ola": "team", "uc": "supplier"}


class Terms(NamedTuple):
    """An agreement. Moments are seconds since the epoch, UTC; 0 is "none" for ids."""

    id: int
    kind: str
    company: int
    party: int
    services: frozenset
    start: int
    stop: int | None
    targets: tuple

    def holds_at(self, moment):
        """Return whether the agreement holds at a moment."""
        return self.start <= moment and (self.stop is None or moment < self.stop)


class Promise(NamedTuple):
    """A target of an agreement. Empty conditions (None) match everything."""

    id: int
    metric: str
    ticket_type: str | None
    priority: str | None
    service: int | None

    def matches(self, situation):
        """Return whether the target is about tickets in this situation."""
        return (
            self.ticket_type in (None, situation.ticket_type)
            and self.priority in (None, situation.priority)
            and self.service in (None, situation.service)
        )

    @property
    def specificity(self):
        """Sort key: the more a target asks for, the more it is meant."""
        asked = (self.service is not None, self.priority is not None)
        return (sum(asked) + (self.ticket_type is not None), *asked)


class Situation(NamedTuple):
    """What counts of a ticket during one span. 0 stands for no record."""

    company: int
    customer: int
    service: int
    ticket_type: str
    priority: str


class Applied(NamedTuple):
    """A target that applies, the agreement it stands in, and why that one."""

    target: int
    agreement: int
    metric: str
    kind: str
    basis: str


class AgreementBook:
    """All agreements that can matter, ready to be asked many times.

    :param terms: iterable of :class:`Terms`
    """

    def __init__(self, terms):
        self._by_party = defaultdict(list)
        for agreement in terms:
            key = (agreement.kind, agreement.company, agreement.party)
            self._by_party[key].append(agreement)
        # Where two of one rank hold, which activation refuses, the later one counts.
        for agreements in self._by_party.values():
            agreements.sort(key=lambda a: (a.start, a.id), reverse=True)
        self._known = {}

    def find_applied(self, situation, opened, kind="sla", party=None):
        """Return the targets that apply to a ticket in a situation.

        :param Situation situation: what the ticket is
        :param int opened: when it was opened, seconds since the epoch, UTC
        :param str kind: "sla", or "ola" or "uc" of one party
        :param int party: the team or supplier; its targets are those that apply while
            it has the ticket
        :rtype: tuple[Applied, ...]
        """
        if kind == "sla":
            basis, agreement = self._find_sla(situation, opened)
        else:
            basis = PARTY_BASES[kind]
            agreement = self._find_of_party(kind, party, situation, opened)
        if agreement is None:
            return ()
        key = (situation, agreement.id, basis)
        if key not in self._known:
            self._known[key] = tuple(
                Applied(promise.id, agreement.id, promise.metric, kind, basis)
                for promise in _most_specific(agreement, situation)
            )
        return self._known[key]

    def _find_sla(self, situation, opened):
        company, customer, service = situation[:3]
        for basis, party, about in (
            ("customer_service", customer, service),
            ("customer", customer, None),
            ("service", 0, service),
            ("company", 0, None),
        ):
            if basis.startswith("customer") and not customer:
                continue
            agreement = self._find("sla", company, party, opened, about)
            if agreement:
                return basis, agreement
        return None, None

    def _find_of_party(self, kind, party, situation, opened):
        return self._find(
            kind, situation.company, party, opened, situation.service
        ) or self._find(kind, situation.company, party, opened, None)

    def _find(self, kind, company, party, opened, service):
        """Return the agreement of a party for a service; None: the general one."""
        for agreement in self._by_party.get((kind, company, party), ()):
            about = (
                not agreement.services
                if service is None
                else service in agreement.services
            )
            if about and agreement.holds_at(opened):
                return agreement
        return None


def _most_specific(agreement, situation):
    """Return the target of each metric that is meant most for this situation."""
    best = {}
    for promise in agreement.targets:
        if promise.matches(situation):
            known = best.get(promise.metric)
            if known is None or promise.specificity > known.specificity:
                best[promise.metric] = promise
    return best.values()
