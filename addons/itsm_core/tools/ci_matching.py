"""Which configuration item a row of a file is about: by serial number, then by name.

No Odoo in here. Where more than one item could be meant, none is taken: the caller
puts the code of the answer into words.
"""

from collections import defaultdict
from typing import NamedTuple


def clean(text):
    """Return a text without needless spaces."""
    return " ".join(text.split())


def make_key(text):
    """Return what two spellings of a name or serial number have in common.

    Letters alone, as PostgreSQL's ``lower`` compares them: "ß" is not "ss".
    """
    return clean(text).lower()


class Entry(NamedTuple):
    """An item, or a row of the file.

    :ivar int number: identifier of the item, or number of the row
    :ivar str serial: key of the serial number; empty where there is none
    :ivar str name: key of the name; empty where there is none
    :ivar int class_id: its class; None where there is none
    """

    number: int
    serial: str
    name: str
    class_id: int | None


class Answer(NamedTuple):
    """What a row, or a mention of an item, stands for.

    :ivar int number: of the item; None where it is a new one, or refused
    :ivar str code: why it is refused; empty where it is not
    :ivar list others: numbers of the items or rows that contradict
    """

    number: int | None = None
    code: str = ""
    others: list = []


class Book:
    """Entries that are looked up by serial number and by name."""

    def __init__(self, entries):
        self._by_serial = defaultdict(list)
        self._by_name = defaultdict(list)
        for entry in sorted(set(entries)):
            if entry.serial:
                self._by_serial[entry.serial].append(entry)
            if entry.name:
                self._by_name[entry.name].append(entry)

    def with_serial(self, serial):
        """Return the entries of a serial number."""
        return self._by_serial.get(serial, []) if serial else []

    def with_name(self, name, class_id=None):
        """Return the entries of a name, of one class where one is given."""
        found = self._by_name.get(name, []) if name else []
        if class_id is None:
            return found
        return [entry for entry in found if entry.class_id == class_id]


def match(row, items, rows):
    """Return the item that a row is about.

    A row with a serial number is about the item that has it; else about the one item
    of its name and class that has no serial number yet. A row without one is about
    the one item of its name and class.

    :param Entry row: of the file
    :param Book items: every item that shares the serial number or name of the row
    :param Book rows: every row of the file that does
    :return: :class:`Answer` with the code ``serial_twice`` or ``name_twice`` (other
        rows say the same), ``serial_ambiguous`` or ``name_ambiguous`` (several items
        do), ``no_name`` or ``no_class`` (a new item needs one)
    """
    if row.serial:
        twins = _others(rows.with_serial(row.serial), row)
        if twins:
            return Answer(code="serial_twice", others=twins)
        found = items.with_serial(row.serial)
        if found:
            return _take_only(found, "serial_ambiguous")
    if not row.name:
        return Answer(code="no_name")
    if row.class_id is None:
        return Answer(code="no_class")
    twins = _others(rows.with_name(row.name, row.class_id), row)
    found = items.with_name(row.name, row.class_id)
    if row.serial:
        found = [item for item in found if not item.serial]
    if twins and (found or not row.serial):
        return Answer(code="name_twice", others=twins)
    return _take_only(found, "name_ambiguous") if found else Answer()


def find(text, class_id, items):
    """Return the item that a text names, by serial number, then by name.

    :param str text: as in the file
    :param int class_id: None where the file does not tell the class
    :param Book items: every item with this serial number or name
    :return: :class:`Answer` with the code ``unknown``, ``serial_ambiguous`` or
        ``name_ambiguous``
    """
    key = make_key(text)
    found = [
        item
        for item in items.with_serial(key)
        if class_id is None or item.class_id == class_id
    ]
    if found:
        return _take_only(found, "serial_ambiguous")
    found = items.with_name(key, class_id)
    return _take_only(found, "name_ambiguous") if found else Answer(code="unknown")


def _take_only(found, code):
    if len(found) > 1:
        return Answer(code=code, others=[entry.number for entry in found])
    return Answer(number=found[0].number)


def _others(found, row):
    return [entry.number for entry in found if entry.number != row.number]
