"""What an audit finds: expected against found. No Odoo in here.

Both are ``{key: {field: value}}``: the key of an item that is recorded is the same on
both sides, that of a thing nobody knows is one of its own. Values are what JSON holds;
an empty one is as good as none.
"""

from typing import NamedTuple

from .baseline import ITEM, compare

KINDS = {"removed": "missing", "added": "surplus"}


class Deviation(NamedTuple):
    """One thing that is not as expected.

    :ivar key: of the item
    :ivar str kind: "missing", "surplus" or "different"
    :ivar str field: that differs; empty where the whole item does
    """

    key: int
    kind: str
    field: str


def find_deviations(expected, found):
    """Return every `Deviation`, ordered by key and field.

    An item that is missing or surplus is one deviation, not one for each of its fields.
    """
    return [
        Deviation(
            difference.item,
            KINDS[difference.kind] if difference.key == ITEM else "different",
            difference.key,
        )
        for difference in compare(_as_snapshot(expected), _as_snapshot(found))
    ]


def _as_snapshot(items):
    """Return items as ``tools/baseline.py`` compares them."""
    return {
        key: {field: (fold(value), "", "") for field, value in facts.items()}
        for key, facts in items.items()
    }


def fold(value):
    """Return a value without what people do not mean: case and spaces of texts."""
    return " ".join(value.split()).casefold() if isinstance(value, str) else value
