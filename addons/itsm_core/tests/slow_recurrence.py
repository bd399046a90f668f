"""The analysis of recurrences as a person would do it with a pencil, group by group."""

from fractions import Fraction
from itertools import combinations
from math import comb, exp, factorial, inf, lgamma, log, log10

PRIOR = 0.5


def chance_poisson(observed, mean):
    """Return the chance of so many or more, as one less those of fewer."""
    return 1 - sum(
        mean**count * exp(-mean) / factorial(count) for count in range(observed)
    )


def chance_failures(observed, size, success):
    """Return the chance of so many failures or more before `size` successes.

    Exactly: the negative binomial distribution for whole sizes.

    :param Fraction success: chance of a success
    """
    return 1 - sum(
        comb(count + size - 1, count) * success**size * (1 - success) ** count
        for count in range(observed)
    )


def find_groups(incidents):
    """Return ``{facts: incidents}`` of all groups by one fact or by two that fit."""
    groups = {}
    for incident in incidents:
        facts = sorted(set(incident.facts))
        keys = [(fact,) for fact in facts]
        keys += [pair for pair in combinations(facts, 2) if fit(*pair)]
        for key in keys:
            groups.setdefault(key, []).append(incident)
    return groups


def fit(first, second):
    if "team" in (first[0], second[0]):
        return False
    if {first[0], second[0]} == {"ci", "service"}:
        return False
    return first[0] != second[0] or first[0] == "word"


def count(incidents, steps):
    return [sum(one.step == step for one in incidents) for step in range(steps)]


def square(history, rest):
    """Return how far a history lies from a steady share of the work."""
    total, busy = sum(history), sum(rest)
    found = 0
    for one, other in zip(history, rest, strict=True):
        mean = (total + PRIOR) * (other + 1) / (busy + len(rest))
        found += (one - mean) ** 2 / mean
    return found


class SlowSearch:
    """The same answer as `find_recurrences`, by going through everything again."""

    def __init__(self, incidents, steps, period, least, chance):
        self.incidents, self.steps, self.period = incidents, steps, period
        self.least, self.limit = least, log10(chance)
        self.now = steps - period
        groups = find_groups(incidents)
        looked = {key for key, members in groups.items() if len(members) >= least}
        singles = sum(len(key) == 1 for key in looked)
        self.groups = {key: groups[key] for key in looked}
        self.looks = {
            key: 2 * (singles if len(key) == 1 else len(looked) - singles)
            for key in looked
        }
        squares = []
        for key in looked:
            counts = count(self.groups[key], steps)[: self.now]
            if len(key) == 1 and sum(counts) >= 5:
                totals = count(incidents, steps)[: self.now]
                rest = [a - b for a, b in zip(totals, counts, strict=True)]
                squares.append(square(counts, rest))
        self.common = 1
        if squares and self.now > 1:
            self.common = max(sum(squares) / len(squares) / (self.now - 1), 1)

    def judge(self, members, everything):
        """Return counts, mean and odds of a group among all that is left."""
        counts = count(members, self.steps)
        totals = count(everything, self.steps)
        rest = [a - b for a, b in zip(totals, counts, strict=True)]
        past, busy = counts[: self.now], sum(rest[: self.now])
        observed, busy_now = sum(counts[self.now :]), sum(rest[self.now :])
        factor = max(self.period / self.now, (busy_now + 1) / (busy + 1))
        mean = (sum(past) + PRIOR) * factor
        freedom = self.now - 1
        jumps = (square(past, rest[: self.now]) + 12 * self.common) / (freedom + 12)
        doubt = 1 / (sum(past) + PRIOR) + 1 / (busy_now + 1) + 1 / (busy + 1)
        variance = mean * max(jumps, 1) + mean**2 * doubt
        return counts, observed, mean, log10_chance(observed, mean, variance)

    def run(self):
        """Return ``[(facts, ids, observed, mean, odds)]`` in order."""
        found, taken, live = [], set(), set(self.groups)
        while True:
            everything = [one for one in self.incidents if one.id not in taken]
            standing = {}
            for key in live:
                members = [one for one in self.groups[key] if one.id not in taken]
                _counts, observed, mean, odds = self.judge(members, everything)
                odds += log10(self.looks[key])
                if observed >= self.least and observed > mean and odds <= self.limit:
                    standing[key] = (members, observed, mean, odds)
            if not standing:
                return found
            live = set(standing)
            key = self.choose(standing)
            members, observed, mean, odds = standing[key]
            ids = [one.id for one in members if one.step >= self.now]
            found.append((key, ids, observed, mean, odds))
            taken |= {one.id for one in members}

    def choose(self, standing):
        order = sorted(
            standing,
            key=lambda key: (
                all(kind == "team" for kind, _value in key),
                round(standing[key][3], 6),
                self.place(key),
            ),
        )
        first = standing[order[0]]
        inside = {one.id for one in first[0]}
        for key in order[1:]:
            members, observed, mean, _odds = standing[key]
            if (
                len(members) < len(first[0])
                and {one.id for one in members} <= inside
                and observed - mean >= 0.8 * (first[1] - first[2])
            ):
                return key
        return order[0]

    def place(self, key):
        """Return the order in which facts turned up, which decides between equals."""
        order = {}
        for incident in self.incidents:
            for fact in incident.facts:
                order.setdefault(fact, len(order))
        return tuple(sorted(order[fact] for fact in key))


def log10_chance(observed, mean, variance):
    """Return the logarithm of the chance of so many or more, term by term."""
    size = mean**2 / (variance - mean)
    terms = [
        lgamma(one + size)
        - lgamma(size)
        - lgamma(one + 1)
        + size * log(size / (size + mean))
        + one * log(mean / (size + mean))
        for one in range(observed, observed + 3000)
    ]
    largest = max(terms, default=-inf)
    return (largest + log(sum(exp(term - largest) for term in terms))) / log(10)


def whole(size, success):
    """Return mean and variance of failures before `size` successes, as floats."""
    mean = Fraction(size) * (1 - success) / success
    return float(mean), float(mean / success)
