from collections import defaultdict
from typing import NamedTuple

from odoo import fields

from ..tools.ci_matching import make_key


class FoundClass(NamedTuple):
    """What the name of a class stands for.

    :ivar int class_id: None where it is not one class
    :ivar list others: full names of the classes that may be meant
    """

    class_id: int | None
    others: list


class ClassNames:
    """The classes by their names, in the language of the user and in English.

    A class is found by its full name, such as "Hardware / Server", or by its own where
    no other class has the same.
    """

    def __init__(self, env):
        self.classes = env["itsm.ci.class"].search(fields.Domain.TRUE)
        self._full = {}
        self._own = defaultdict(set)
        for classes in (self.classes, self.classes.with_context(lang="en_US")):
            for each in classes:
                self._full[make_key(each.complete_name)] = each.id
                self._own[make_key(each.name)].add(each.id)

    def find(self, text):
        """Return the :class:`FoundClass` of a name."""
        key = make_key(text)
        if key in self._full:
            return FoundClass(self._full[key], [])
        found = self._own.get(key, ())
        if len(found) == 1:
            return FoundClass(next(iter(found)), [])
        names = self.classes.browse(sorted(found)).mapped("complete_name")
        return FoundClass(None, names)


class FoundType(NamedTuple):
    """What the name of a relation stands for.

    :ivar int type_id: None where it is not one type
    :ivar bool is_inverse: the name reads from the second item to the first
    :ivar bool is_ambiguous: several types have the name
    """

    type_id: int | None
    is_inverse: bool
    is_ambiguous: bool


class RelationTypeNames:
    """The types of relations by either of their names, as :class:`ClassNames`."""

    def __init__(self, env):
        self.types = env["itsm.ci.relation.type"].search(fields.Domain.TRUE)
        self.symmetric = set(self.types._symmetric().ids)
        self._found = defaultdict(set)
        for types in (self.types, self.types.with_context(lang="en_US")):
            for each in types:
                self._found[make_key(each.name)].add((each.id, False))
                if each.id not in self.symmetric:
                    self._found[make_key(each.inverse_name)].add((each.id, True))

    def find(self, text):
        """Return the :class:`FoundType` of a name."""
        found = self._found.get(make_key(text), ())
        if len(found) == 1:
            return FoundType(*next(iter(found)), False)
        return FoundType(None, False, bool(found))
