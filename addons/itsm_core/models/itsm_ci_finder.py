from odoo import fields
from odoo.tools import SQL

from ..tools.ci_matching import Book, Entry, find, make_key
from .itsm_import_names import ImportNames


class CiFinder:
    """Finds items and people by what a file calls them, a batch at a time.

    Each method takes what a whole batch needs and asks a constant number of queries.
    What the user may not see is not found.
    """

    def __init__(self, env, company):
        """
        :param env: of the user who imports
        :param company: ``res.company`` whose records and shared ones are found
        """
        self.env = env
        self.company = company
        self._names = ImportNames(env, company, "")

    def find_entries(self, serials, names):
        """Return an :class:`Entry` of each item with one of these keys.

        Archived items are among them: a serial number is not free because its item
        was put away.
        """
        keys = [list(filter(None, serials)), list(filter(None, names))]
        if not any(keys):
            return []
        Ci = self.env["itsm.ci"].with_context(active_test=False)
        Ci.flush_model(["name", "serial_number", "class_id", "company_id"])
        # Two index scans: the keys are small letters, and so are the indexes.
        found = self.env.execute_query(
            SQL(
                """
                SELECT id FROM itsm_ci
                 WHERE LOWER(serial_number)
                    = ANY (ARRAY(SELECT LOWER(key) FROM UNNEST(%s::text[]) key))
                 UNION
                SELECT id FROM itsm_ci
                 WHERE LOWER(name)
                    = ANY (ARRAY(SELECT LOWER(key) FROM UNNEST(%s::text[]) key))
                """,
                *keys,
            )
        )
        items = Ci.search_fetch(
            [
                ("id", "in", [item_id for (item_id,) in found]),
                ("company_id", "in", [False, self.company.id]),
            ],
            ["name", "serial_number", "class_id"],
        )
        return [
            Entry(
                item.id,
                make_key(item.serial_number or ""),
                make_key(item.name),
                item.class_id.id,
            )
            for item in items
        ]

    def find_records(self, comodel, names):
        """Return ``{name: id}`` of the records that names stand for, one each.

        Users are found by login, e-mail address or name, contacts by e-mail address
        or name, items by serial number or name.

        :param str comodel: res.users, res.partner or itsm.ci
        :param set names: as in the file
        """
        if comodel == "itsm.ci":
            return self._find_items(names)
        kind = {"res.users": "assignee", "res.partner": "contact"}[comodel]
        return self._names.find(kind, names)

    def _find_items(self, names):
        keys = set(map(make_key, names))
        book = Book(self.find_entries(keys, keys))
        found = {name: find(name, None, book).number for name in names}
        return {name: number for name, number in found.items() if number}

    def show_records(self, comodel, ids):
        """Return ``{id: display name}`` of the records that are there for the user."""
        records = (
            self.env[comodel]
            .with_context(active_test=False)
            .search([("id", "in", list(ids))])
        )
        return {record.id: record.display_name for record in records}

    def find_customers(self, ids):
        """Return those of the contacts that are customers of services."""
        return set(
            self.env["res.partner"]
            .search(
                fields.Domain("id", "in", list(ids))
                & fields.Domain("is_itsm_customer", "=", True)
            )
            .ids
        )
