import hashlib
from collections import defaultdict

from ..tools.history_mapping import make_key

#: Module name of the external ids of contacts that imports made.
XMLID_MODULE = "__itsm_import__"
#: What is few enough to look through, by kind of name.
LISTS = {
    "team": "helpdesk.ticket.team",
    "channel": "helpdesk.ticket.channel",
    "resolution_code": "itsm.resolution.code",
    "service": "itsm.service",
}
#: What imports make when it is missing. Users, services and configuration items
#: are not: they stand for accounts, promises and things that somebody controls.
MADE_KINDS = ("team", "category", "channel", "resolution_code", "caller")
KINDS = (*MADE_KINDS, "assignee", "service", "ci")
#: Customers choose among the teams of today, not those of an old system.
MADE_VALUES = {
    "team": {"show_in_portal": False},
    "channel": {},
    "resolution_code": {"sequence": 100},
}


class ImportNames:
    """Finds the records that the names in a file stand for, and makes new ones.

    Names are compared without regard to case and repeated spaces; what there may
    be very many of (contacts, users, configuration items) is found by its exact
    name. Each method takes the names of a whole batch and needs the same number
    of queries for any of them.
    """

    def __init__(self, env, company, source):
        """
        :param env: with the rights to see and make all of it
        :param company: ``res.company`` whose records and shared ones are seen
        :param str source: system that the names come from
        """
        self.env = env
        self.company = company
        self.source = source

    def find(self, kind, names):
        """Return the records that names stand for.

        :param str kind: one of :data:`KINDS`
        :param set names: texts; for categories ``(category, subcategory)``
        :return: ``{name: id}`` without the names that are not found
        """
        if not names:
            return {}
        if kind in LISTS:
            found = self._search_names(LISTS[kind])
        elif kind == "category":
            found = self._find_categories()
        else:
            found = getattr(self, f"_find_{kind}")(names)
        keys = {name: self._key(name) for name in names}
        return {name: found[key] for name, key in keys.items() if key in found}

    def make(self, kind, names):
        """Make records for names that are not found.

        Names that differ only in case or spaces become one record.

        :return: ``({name: id}, number of records made)``
        """
        by_key = {}
        for name in sorted(names):
            by_key.setdefault(self._key(name), name)
        if kind in LISTS:
            made = self._create_names(LISTS[kind], by_key, **MADE_VALUES[kind])
        else:
            made = getattr(self, f"_make_{kind}")(by_key)
        return {name: made[self._key(name)] for name in names}, len(made)

    def _key(self, name):
        if isinstance(name, tuple):
            return tuple(map(make_key, name))
        return make_key(name)

    def _search_names(self, model):
        """Return ``{key: id}`` of a short list, archived records included."""
        records = (
            self.env[model]
            .with_context(active_test=False)
            .search_fetch(
                [("company_id", "in", [False, self.company.id])],
                ["name"],
                order="active desc, id",
            )
        )
        found = {}
        for record in records:
            found.setdefault(make_key(record.name), record.id)
        return found

    def _create_names(self, model, names, **values):
        """Create records by name; return ``{key: id}``."""
        records = self.env[model].create(
            [
                {"name": name, "company_id": self.company.id, **values}
                for name in names.values()
            ]
        )
        return dict(zip(names, records.ids, strict=True))

    # ------------------------------------------------------------------
    # Categories
    # ------------------------------------------------------------------

    def _find_categories(self):
        categories = (
            self.env["helpdesk.ticket.category"]
            .with_context(active_test=False)
            .search_fetch(
                [("company_id", "in", [False, self.company.id])],
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

    def _make_category(self, names):
        """Create categories, and the parents that they need."""
        found = self._find_categories()
        Category = self.env["helpdesk.ticket.category"]
        common = {"company_id": self.company.id, "show_in_portal": False}
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

    def _find_assignee(self, names):
        """Find users by login, e-mail address or name; a name must be unique."""
        wanted = list(names)
        users = self.env["res.users"].search_fetch(
            [
                ("share", "=", False),
                ("company_ids", "in", self.company.ids),
                "|",
                "|",
                ("login", "in", wanted),
                ("email", "in", wanted),
                ("name", "in", wanted),
            ],
            ["login", "email", "name"],
        )
        return self._index_people(users, ("login", "email", "name"))

    def _find_contact(self, names):
        """Find contacts by e-mail address or name; a name must be unique."""
        wanted = list(names)
        contacts = self.env["res.partner"].search_fetch(
            [
                ("company_id", "in", [False, self.company.id]),
                "|",
                ("name", "in", wanted),
                ("email", "in", wanted),
            ],
            ["name", "email"],
        )
        return self._index_people(contacts, ("email", "name"))

    def _find_caller(self, names):
        """Find contacts made by an import, or by e-mail address or unique name."""
        found = self._find_contact(names)
        keys = {}
        for key in map(make_key, names):
            keys[self._contact_xmlid(key).partition(".")[2]] = key
        data = self.env["ir.model.data"].search_fetch(
            [
                ("module", "=", XMLID_MODULE),
                ("model", "=", "res.partner"),
                ("name", "in", list(keys)),
            ],
            ["name", "res_id"],
        )
        existing = set(
            self.env["res.partner"].browse(data.mapped("res_id")).exists().ids
        )
        for record in data:
            if record.res_id in existing:
                found[keys[record.name]] = record.res_id
        return found

    def _make_caller(self, names):
        contacts = self.env["res.partner"].create(
            [
                {
                    "name": name,
                    "company_id": self.company.id,
                    **({"email": name} if "@" in name else {}),
                }
                for name in names.values()
            ]
        )
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": self._contact_xmlid(key),
                    "record": contact,
                    "noupdate": True,
                }
                for key, contact in zip(names, contacts, strict=True)
            ]
        )
        return dict(zip(names, contacts.ids, strict=True))

    def _contact_xmlid(self, key):
        """Return the external id of a caller, which does not tell who it is."""
        text = f"{self.company.id}/{self.source}/{key}"
        digest = hashlib.sha256(text.encode()).hexdigest()
        return f"{XMLID_MODULE}.partner_{digest[:32]}"

    def _index_people(self, people, fields_to_match):
        """Return ``{key: id}``, leaving out names that several people have."""
        found = {}
        for name in reversed(fields_to_match):
            by_key = defaultdict(list)
            for person in people:
                if person[name]:
                    by_key[make_key(person[name])].append(person.id)
            found.update((key, ids[0]) for key, ids in by_key.items() if len(ids) == 1)
        return found

    # ------------------------------------------------------------------
    # Configuration items
    # ------------------------------------------------------------------

    def _find_ci(self, names):
        items = self.env["itsm.ci"].search_fetch(
            [
                ("company_id", "in", [False, self.company.id]),
                ("name", "in", list(names)),
            ],
            ["name"],
            order="id",
        )
        found = {}
        for item in items:
            found.setdefault(make_key(item.name), item.id)
        return found
