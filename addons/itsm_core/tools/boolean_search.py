"""Searching booleans that are derived when they are read."""

from functools import wraps

from odoo.fields import Domain


def boolean_search(find):
    """Make the search method of a derived boolean.

    :param find: method that returns the domain of the records for which it is true
    :return: method of the operator and the values that Odoo asks for
    """

    @wraps(find)
    def search(self, operator, value):
        if operator != "in":
            # Odoo asks for the opposite then, and negates it.
            return NotImplemented
        if True in value and False in value:
            return Domain.TRUE
        domain = Domain(find(self))
        return domain if True in value else ~domain

    return search
