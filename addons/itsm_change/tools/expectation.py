"""What items are expected to be like after a change. No Odoo in here.

An expectation is about one fact of one item, as ``itsm_core/tools/baseline.py`` keeps
them: that it has a value, that it is there, or that it is not.
"""

from typing import NamedTuple

#: Expected of a relation: that it is there, or that it is not.
THERE, GONE = object(), object()


class Expectation(NamedTuple):
    """
    :param int item: number of the item
    :param str key: of the fact
    :param value: what it is to be, or `THERE` or `GONE`
    """

    item: int
    key: str
    value: object

    @property
    def place(self):
        return self.item, self.key

    def holds(self, snapshot):
        """Return whether the items are as expected.

        :param dict snapshot: ``{item: {key: (value, text, label)}}``
        """
        fact = snapshot.get(self.item, {}).get(self.key)
        if self.value is THERE:
            return fact is not None
        if self.value is GONE:
            return fact is None
        return (fact[0] if fact else None) == self.value


def sort_differences(differences, now, own, others):
    """Tell differences that were not planned from those that were.

    :param differences: of ``baseline.compare``
    :param dict now: snapshot of the items as they are
    :param own: expectations of the change itself
    :param others: pairs of an expectation, and whose it is
    :return: ``(unplanned, explained, missing)``: differences that nothing explains,
        pairs of a difference and who explains it, and own expectations that do not
        hold although nothing has changed there
    """
    planned = {each.place for each in own if each.holds(now)}
    by_others = {each.place: whose for each, whose in others if each.holds(now)}
    unplanned, explained = [], []
    for difference in differences:
        place = difference.item, difference.key
        if place in by_others and place not in planned:
            explained.append((difference, by_others[place]))
        elif place not in planned:
            unplanned.append(difference)
    changed = {(difference.item, difference.key) for difference in differences}
    missing = [
        each
        for each in own
        if each.item in now and each.place not in changed and not each.holds(now)
    ]
    return unplanned, explained, missing
