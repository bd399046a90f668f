"""What differs between two records of the same items. No Odoo in here.

A snapshot is ``{item: {key: (value, text, label)}}``: values are compared, texts and
labels are for people. Values are what JSON can hold; an empty one is as good as none.
"""

from typing import NamedTuple

ITEM = ""  # the key of a difference that is about a whole item


class Difference(NamedTuple):
    item: int
    key: str
    kind: str  # "added", "removed" or "changed"
    label: str
    before: str
    after: str


def compare(before, after):
    """Return the `Difference` of each field, ordered by item and key.

    An item that is in one of the snapshots only is one difference, not one for each of
    its fields.
    """
    found = []
    for item in sorted(before.keys() | after.keys()):
        if item not in after:
            found.append(Difference(item, ITEM, "removed", "", "", ""))
        elif item not in before:
            found.append(Difference(item, ITEM, "added", "", "", ""))
        else:
            found += _compare_fields(item, before[item], after[item])
    return found


def _compare_fields(item, before, after):
    nothing = (None, "", "")
    for key in sorted(before.keys() | after.keys()):
        old, old_text, old_label = before.get(key, nothing)
        new, new_text, new_label = after.get(key, nothing)
        if old == new or not (old or new):
            continue
        kind = "changed"
        if not old:
            kind = "added"
        elif not new:
            kind = "removed"
        label = new_label or old_label
        yield Difference(item, key, kind, label, old_text, new_text)
