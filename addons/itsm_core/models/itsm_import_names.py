import hashlib
from collections import defaultdict

from odoo import api, models

from ..tools.history_mapping import make_key

#: Module name of the external ids of contacts that imports made.
XMLID_MODULE = "__itsm_import__"
#: What imports make when it is missing. Users, services and configuration items
#: are not: they stand for accounts, promises and things that somebody controls.
MADE_KINDS = ("team", "category", "channel", "resolution_code", "caller")
KINDS = (*MADE_KINDS, "assignee", "service", "ci")


class ItsmImportNames(models.AbstractModel):
    """Finds the records that the names in a file stand for, and makes new ones.

    Names are compared without regard to case and repeated spaces; what there may
    be very many of (contacts, users, configuration items) is found by its exact
    name. Each method takes the names of a whole batch and needs the same number
    of queries for any of them.
    """

    _name = "itsm.import.names"
    _description = "Names in Imported Files"

    @api.model
    def _find(self, kind, names, company, source):
        """Return the records that names stand for.

        :param str kind: one of :data:`KINDS`
        :param set names: texts; for categories ``(category, subcategory)``
        :param company: ``res.company``, whose records and shared ones are seen
        :param str source: system that the names come from
        :return: ``{name: id}`` without the names that are not found
        """
        if not names:
            return {}
        found = getattr(self, f"_find_{kind}")(names, company, source)
        keys = {name: self._key(name) for name in names}
        return {name: found[key] for name, key in keys.items() if key in found}

    @api.model
    def _make(self, kind, names, company, source):
        """Make records for names that are not found.

        Names that differ only in case or spaces become one record.

        :return: ``({name: id}, number of records made)``
        """
        by_key = {}
        for name in sorted(names):
            by_key.setdefault(self._key(name), name)
        made = getattr(self, f"_make_{kind}")(by_key, company, source)
        return {name: made[self._key(name)] for name in names}, len(made)

    def _key(self, name):
        if isinstance(name, tuple):
            return tuple(map(make_key, name))
        return make_key(name)

    def _search_names(self, model, company, domain=()):
        """Return ``{key: id}`` of a short list, archived records included."""
        records = (
            self.env[model]
            .with_context(active_test=False)
            .search_fetch(
                [("company_id", "in", [False, company.id]), *domain],
                ["name"],
                order="active desc, id",
            )
        )
        found = {}
        for record in records:
            found.setdefault(make_key(record.name), record.id)
        return found

    def _create_names(self, model, names, company, **values):
        """Create records by name; return ``{key: id}``."""
        records = self.env[model].create(
            [
                {"name": name, "company_id": company.id, **values}
                for name in names.values()
            ]
        )
        return dict(zip(names, records.ids, strict=True))

    # ------------------------------------------------------------------
    # Teams, channels, resolution codes
    # ------------------------------------------------------------------

    def _find_team(self, names, company, source):
        return self._search_names("helpdesk.ticket.team", company)

    def _make_team(self, names, company, source):
        # Customers choose among the teams of today, not those of an old system.
        return self._create_names(
            "helpdesk.ticket.team", names, company, show_in_portal=False
        )

    def _find_channel(self, names, company, source):
        return self._search_names("helpdesk.ticket.channel", company)

    def _make_channel(self, names, company, source):
        return self._create_names("helpdesk.ticket.channel", names, company)

    def _find_resolution_code(self, names, company, source):
        return self._search_names("itsm.resolution.code", company)

    def _make_resolution_code(self, names, company, source):
        return self._create_names("itsm.resolution.code", names, company, sequence=100)

    # ------------------------------------------------------------------
    # Categories
    # ------------------------------------------------------------------

    def _find_category(self, names, company, source):
        categories = (
            self.env["helpdesk.ticket.category"]
            .with_context(active_test=False)
            .search_fetch(
                [("company_id", "in", [False, company.id])],
                ["name", "parent_id"],
                order="active desc, id",
            )
        )
        found = {}
        for category in categories:
            parent = make_key(category.parent_id.name or "")
            name = make_key(category.name)
            key = (parent, name) if parent else (name, "")
            found.setdefault(key, category.id)
        return found

    def _make_category(self, names, company, source):
        """Create categories, and the parents that they need."""
        found = self._find_category(names, company, source)
        Category = self.env["helpdesk.ticket.category"]
        common = {"company_id": company.id, "show_in_portal": False}
        parents = {
            (parent, ""): name
            for (parent, _child), (name, _subname) in names.items()
            if (parent, "") not in found
        }
        records = Category.create(
            [{"name": name, **common} for name in parents.values()]
        )
        made = dict(zip(parents, records.ids, strict=True))
        found.update(made)
        children = {key: names[key][1] for key in names if key[1]}
        records = Category.create(
            [
                {"name": name, "parent_id": found[parent, ""], **common}
                for (parent, _child), name in children.items()
            ]
        )
        made.update(zip(children, records.ids, strict=True))
        return made

    # ------------------------------------------------------------------
    # People
    # ------------------------------------------------------------------

    def _find_assignee(self, names, company, source):
        """Find users by login, e-mail address or name; a name must be unique."""
        wanted = list(names)
        users = self.env["res.users"].search_fetch(
            [
                ("share", "=", False),
                ("company_ids", "in", company.ids),
                "|",
                "|",
                ("login", "in", wanted),
                ("email", "in", wanted),
                ("name", "in", wanted),
            ],
            ["login", "email", "name"],
        )
        return self._index_people(users, ("login", "email", "name"))

    def _find_caller(self, names, company, source):
        """Find contacts made by an import, or by e-mail address or unique name."""
        wanted = list(names)
        contacts = self.env["res.partner"].search_fetch(
            [
                ("company_id", "in", [False, company.id]),
                "|",
                ("name", "in", wanted),
                ("email", "in", wanted),
            ],
            ["name", "email"],
        )
        found = self._index_people(contacts, ("email", "name"))
        keys = {
            self._contact_xmlid(company, source, make_key(name)): make_key(name)
            for name in names
        }
        # sudo is the caller's: external ids are the administrator's business.
        data = self.env["ir.model.data"].search_fetch(
            [
                ("module", "=", XMLID_MODULE),
                ("model", "=", "res.partner"),
                ("name", "in", list(keys)),
            ],
            ["name", "res_id"],
        )
        existing = set(self.env["res.partner"].browse(data.mapped("res_id")).exists().ids)
        for record in data:
            if record.res_id in existing:
                found[keys[record.name]] = record.res_id
        return found

    def _make_caller(self, names, company, source):
        contacts = self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "company_id": company.id,
                    **({"email": name} if "@" in name else {}),
                }
                for name in names.values()
            ]
        )
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": "{}.{}".format(
                        XMLID_MODULE, self._contact_xmlid(company, source, key)
                    ),
                    "record": contact,
                    "noupdate": True,
                }
                for key, contact in zip(names, contacts, strict=True)
            ]
        )
        return dict(zip(names, contacts.ids, strict=True))

    def _contact_xmlid(self, company, source, key):
        """Return the name of the external id of a caller, which hides the name."""
        text = f"{company.id}/{source}/{key}"
        return f"partner_{hashlib.sha256(text.encode()).hexdigest()[:32]}"

    def _index_people(self, people, fields_to_match):
        """Return ``{key: id}``, leaving out names that several people have."""
        found = {}
        for name in reversed(fields_to_match):
            by_key = defaultdict(list)
            for person in people:
                if person[name]:
                    by_key[make_key(person[name])].append(person.id)
            found.update(
                (key, ids[0]) for key, ids in by_key.items() if len(ids) == 1
            )
        return found

    # ------------------------------------------------------------------
    # Services and configuration items
    # ------------------------------------------------------------------

    def _find_service(self, names, company, source):
        return self._search_names("itsm.service", company)

    def _find_ci(self, names, company, source):
        items = self.env["itsm.ci"].search_fetch(
            [("company_id", "in", [False, company.id]), ("name", "in", list(names))],
            ["name"],
            order="id",
        )
        found = {}
        for item in items:
            found.setdefault(make_key(item.name), item.id)
        return found
