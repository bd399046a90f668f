"""Groups of incidents that occur more often than their own history lets expect.

Each incident brings what is known of it: facts such as its service, its items, its
category, its team and the words of its title. A group is all incidents with one fact,
or with two of different kinds (or two words). Teams are not combined, since who works
on something follows from what it is, nor are items with services. Each group is
compared with its own history (:mod:`.recurrence_odds`).

Who looks at thousands of groups finds some that are unusual by chance alone. So the
chance of a group is multiplied by the number of groups looked at, which gives the
number of such groups that chance alone brings in one analysis. Half of that is granted
to groups by one fact, the other half to those by two, of which there are many more.
Only groups with enough incidents in period and history together are looked at: that
says nothing about which part is the larger, and so does not spoil the chances.

One fault shows in many groups: by item, by service, by each word of the title. The
least likely group goes first, and all others are judged by what is left when its
incidents are set aside. Groups by team alone come last: they tell who works on it, and
not where to look for the cause.
"""

from collections import namedtuple
from itertools import combinations, pairwise

import numpy

from .recurrence_odds import expect, log_odds, measure_jumps

#: What is known of an incident: ``step`` of time, and ``facts``: pairs of kind, value.
Incident = namedtuple("Incident", "id step facts")
#: A group that stands out. ``counts`` are those of all steps, ``odds`` is the common
#: logarithm of the number of such groups that chance brings in one analysis, and
#: ``members`` are the ids of its incidents in the period.
Recurrence = namedtuple("Recurrence", "facts members counts observed expected odds")
WORD, TEAM = "word", "team"
#: Of an item and its service, the item says it all.
NESTED = {"ci", "service"}
#: A narrower group that has so much of the surplus of a wider one says it better.
NARROWER = 0.8
#: Groups less than so many standard deviations above what is expected never stand out.
NOTICEABLE = 1


def find_recurrences(incidents, steps, period, least=5, chance=0.05, most=None):
    """Return the groups that stand out in the last steps, the least likely first.

    :param incidents: list of :class:`Incident`, their steps from 0 to ``steps - 1``
    :param int steps: number of steps of history and period together
    :param int period: number of the last steps that are looked at
    :param int least: incidents in the period that make a group worth telling
    :param float chance: how many groups chance alone may bring in one analysis
    :param int most: so many groups, or None for all
    :return: list of :class:`Recurrence`
    """
    if not 0 < period < steps:
        return []
    return _Search(incidents, steps, period, least, numpy.log10(chance)).run(most)


class _Search:
    """One analysis: incidents are rows of arrays, facts and groups are numbers."""

    def __init__(self, incidents, steps, period, least, limit):
        self.incidents = incidents
        self.steps, self.period, self.least, self.limit = steps, period, least, limit
        self.step = numpy.fromiter(
            (incident.step for incident in incidents), numpy.int64, len(incidents)
        )
        self.now = steps - period
        self.totals = numpy.bincount(self.step, minlength=steps)
        self.facts, self.rows = self._index_facts()
        self.common = self._measure_common()

    def run(self, most):
        found = []
        taken = numpy.zeros(len(self.incidents), dtype=bool)
        candidates = self._judge(self._find_candidates())
        while candidates and (most is None or len(found) < most):
            group = self._narrow(candidates)
            found.append(self._describe(group))
            taken[group.rows] = True
            candidates = self._judge(
                [(other.facts, other.rows, other.looks) for other in candidates],
                taken,
            )
        return found

    # What there is

    def _index_facts(self):
        """Return the facts that are frequent enough, and the incidents of each."""
        index, flat, owners = {}, [], []
        for row, incident in enumerate(self.incidents):
            for fact in dict.fromkeys(incident.facts):
                flat.append(index.setdefault(fact, len(index)))
                owners.append(row)
        flat = numpy.array(flat, dtype=numpy.int64)
        owners = numpy.array(owners, dtype=numpy.int64)
        order = numpy.argsort(flat, kind="stable")
        ends = numpy.searchsorted(flat[order], numpy.arange(len(index) + 1))
        facts, rows = [], []
        for fact, (start, stop) in zip(index, pairwise(ends), strict=True):
            if stop - start >= self.least:
                facts.append(fact)
                rows.append(owners[order[start:stop]])
        return facts, rows

    def _measure_common(self):
        """Return how counts jump as a rule: of all groups, not of suspects alone."""
        if not self.rows:
            return 1.0
        counts = self._count(self.rows)[:, : self.now]
        return measure_jumps(counts, self.totals[: self.now] - counts)

    def _count(self, groups):
        """Return an array of the counts of each group in each step."""
        return numpy.array(
            [numpy.bincount(self.step[rows], minlength=self.steps) for rows in groups]
        )

    def _find_candidates(self):
        """Return ``(facts, rows, looks)`` of the groups that might stand out."""
        singles = [((number,), rows) for number, rows in enumerate(self.rows)]
        pairs, looked = self._find_pairs()
        return [
            *((facts, rows, 2 * len(singles)) for facts, rows in singles),
            *((facts, rows, 2 * looked) for facts, rows in pairs),
        ]

    def _find_pairs(self):
        """Return groups by two facts, and how many such groups were looked at."""
        size = len(self.facts)
        if not size:
            return [], 0
        codes, steps = self._code_pairs(size)
        if not len(codes):
            return [], 0
        codes, number, total = numpy.unique(
            codes, return_inverse=True, return_counts=True
        )
        current = numpy.bincount(number[steps >= self.now], minlength=len(codes))
        enough = total >= self.least
        looked = int(enough.sum())
        past = total - current
        rest = self.totals[: self.now].sum() - past
        rest_now = self.totals[self.now :].sum() - current
        # At least so many are expected; counts that do not exceed that are done with.
        factor = numpy.maximum(self.period / self.now, (rest_now + 1) / (rest + 1))
        mean = (past + 0.5) * factor
        enough &= (current >= self.least) & (
            current - mean > NOTICEABLE * numpy.sqrt(mean)
        )
        pairs = []
        for code in codes[enough]:
            first, second = divmod(int(code), size)
            rows = numpy.intersect1d(
                self.rows[first], self.rows[second], assume_unique=True
            )
            pairs.append(((first, second), rows))
        return pairs, looked

    def _code_pairs(self, size):
        """Return a number for each pair of facts of each incident, and its step."""
        kinds = [kind for kind, _value in self.facts]
        names = sorted(set(kinds))
        kind_of = numpy.array([names.index(kind) for kind in kinds])
        fits = numpy.ones((len(names), len(names)), dtype=bool)
        for place, name in enumerate(names):
            fits[place, place] = name == WORD
            for other, second in enumerate(names):
                if TEAM in (name, second) or {name, second} == NESTED:
                    fits[place, other] = fits[other, place] = False
        owners = numpy.concatenate(self.rows)
        numbers = numpy.repeat(numpy.arange(size), [len(rows) for rows in self.rows])
        order = numpy.argsort(owners, kind="stable")
        owners, numbers = owners[order], numbers[order]
        # Of each incident: its first facts in column 0, its second ones in column 1.
        starts = numpy.searchsorted(owners, owners)
        column = numpy.arange(len(owners)) - starts
        table = numpy.full((len(self.incidents), column.max() + 1), -1)
        table[owners, column] = numbers
        codes, steps = [], []
        for left, right in combinations(range(table.shape[1]), 2):
            first, second = table[:, left], table[:, right]
            there = second >= 0
            there &= fits[kind_of[first], kind_of[second]]
            codes.append(first[there] * size + second[there])
            steps.append(self.step[there])
        if not codes:
            return numpy.array([], dtype=numpy.int64), numpy.array([])
        return numpy.concatenate(codes), numpy.concatenate(steps)

    # What stands out

    def _judge(self, candidates, taken=None):
        """Return those of the groups that stand out, the least likely first.

        :param taken: array that says which incidents are set aside, or None
        """
        totals = self.totals
        if taken is not None:
            totals = totals - numpy.bincount(self.step[taken], minlength=self.steps)
            candidates = [
                (facts, rows[~taken[rows]], looks) for facts, rows, looks in candidates
            ]
        if not candidates:
            return []
        counts = self._count([rows for _facts, rows, _looks in candidates])
        rest = totals - counts
        observed = counts[:, self.now :].sum(axis=1)
        mean, variance = expect(
            counts[:, : self.now],
            rest[:, : self.now],
            self.period,
            rest[:, self.now :].sum(axis=1),
            self.common,
        )
        found = []
        for place in numpy.flatnonzero((observed >= self.least) & (observed > mean)):
            facts, rows, looks = candidates[place]
            odds = log_odds(int(observed[place]), mean[place], variance[place])
            odds += numpy.log10(looks)
            if odds <= self.limit:
                found.append(
                    _Group(
                        facts,
                        rows,
                        looks,
                        counts[place],
                        int(observed[place]),
                        float(mean[place]),
                        float(odds),
                    )
                )
        found.sort(key=lambda group: (self._is_last(group), group.odds, group.facts))
        return found

    def _is_last(self, group):
        """Return whether a group says who works on it, and not what it is about."""
        return all(self.facts[number][0] == TEAM for number in group.facts)

    def _narrow(self, groups):
        """Return the first group, or a narrower one with most of its surplus."""
        first = groups[0]
        inside = numpy.zeros(len(self.incidents), dtype=bool)
        inside[first.rows] = True
        surplus = NARROWER * (first.observed - first.expected)
        for other in groups[1:]:
            if (
                len(other.rows) < len(first.rows)
                and other.observed - other.expected >= surplus
                and inside[other.rows].all()
            ):
                return other
        return first

    def _describe(self, group):
        current = group.rows[self.step[group.rows] >= self.now]
        return Recurrence(
            tuple(sorted(self.facts[number] for number in group.facts)),
            [self.incidents[row].id for row in current],
            group.counts.tolist(),
            group.observed,
            group.expected,
            group.odds,
        )


_Group = namedtuple("_Group", "facts rows looks counts observed expected odds")
