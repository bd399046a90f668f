from dataclasses import dataclass

from odoo.tools import SQL

from ..tools.ci_matching import Book, Entry, find, make_key
from .itsm_ci_finder import CiFinder
from .itsm_ci_import_cells import RefusedRowError
from .itsm_ci_import_store import store_or_refuse
from .itsm_ci_names import ClassNames, RelationTypeNames


@dataclass
class RelationPlan:
    """What becomes of a relation that the file tells of.

    Its ends are items (`item_ref`, `other_ref`), or rows that make the items
    (`item_line`, `other_line`).
    """

    line_id: int
    row: int
    name: str = ""
    outcome: str = "unchanged"
    changes: list | None = None
    message: str | None = None
    type_ref: int | None = None
    item_ref: int | None = None
    item_line: int | None = None
    other_ref: int | None = None
    other_line: int | None = None
    note: str = ""


class RelationBatch:
    """Finds out which relations of a batch are new, and stores them."""

    def __init__(self, run):
        self.run = run
        self.env = run.env(
            context={
                "lang": run.env.lang,
                "allowed_company_ids": run.company_id.ids,
            }
        )
        self._finder = CiFinder(self.env, run.company_id)
        self._classes = ClassNames(self.env)
        self._types = RelationTypeNames(self.env)

    def plan(self, lines, storing):
        """Return the plans of lines.

        :param list lines: as `_read_lines` returns them
        :param bool storing: they were checked before
        :rtype: list[RelationPlan]
        """
        plans = self._recall(lines) if storing else self._resolve(lines)
        known = self._find_known(plans)
        for plan in plans:
            if plan.outcome == "refused":
                continue
            triple = (plan.item_ref, plan.other_ref, plan.type_ref)
            plan.outcome = "unchanged" if triple in known else "new"
        return plans

    def store(self, plans):
        """Create the new relations; those that are refused become so."""
        store_or_refuse(
            self.env, [plan for plan in plans if plan.outcome == "new"], self._store
        )

    def _store(self, plans):
        self.env["itsm.ci.relation"].create(
            [
                {
                    "source_id": plan.item_ref,
                    "target_id": plan.other_ref,
                    "type_id": plan.type_ref,
                    "note": plan.note or False,
                }
                for plan in plans
            ]
        )

    # ------------------------------------------------------------------
    # Which items
    # ------------------------------------------------------------------

    def _resolve(self, lines):
        """Return plans with the ends that the lines name."""
        texts = [
            line["cells"].get(end)
            for line in lines
            for end in ("source", "target")
            if line["cells"].get(end)
        ]
        keys = set(map(make_key, texts))
        rows, entries = self._find_rows(keys, lines)
        items = Book(self._finder.find_entries(keys, keys) + entries)
        plans = []
        for line in lines:
            plan = RelationPlan(line["id"], line["row"])
            plans.append(plan)
            try:
                self._resolve_line(plan, line["cells"], items, rows)
            except RefusedRowError as error:
                plan.outcome, plan.message = "refused", str(error)
        return plans

    def _find_rows(self, keys, lines):
        """Return rows of this import that relations may refer to.

        :return: ``({row: line}, entries of rows that make items)``, where an entry
            has the negative number of its line
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, row, outcome, item_ref, name, serial_key, name_key,
                       class_ref
                  FROM itsm_ci_import_line
                 WHERE import_id = %(run)s AND kind = 'item'
                   AND id IN (
                    SELECT id FROM itsm_ci_import_line
                     WHERE import_id = %(run)s AND serial_key = ANY(%(keys)s)
                    UNION
                    SELECT id FROM itsm_ci_import_line
                     WHERE import_id = %(run)s AND name_key = ANY(%(keys)s)
                    UNION
                    SELECT id FROM itsm_ci_import_line
                     WHERE import_id = %(run)s AND kind = 'item'
                       AND row = ANY(%(rows)s)
                )
                """,
                run=self.run.id,
                keys=list(keys),
                rows=[
                    line["cells"]["of_row"]
                    for line in lines
                    if "of_row" in line["cells"]
                ],
            )
        )
        by_row, entries = {}, []
        for line_id, row, outcome, item_ref, name, serial, name_key, class_id in rows:
            by_row[row] = (line_id, outcome, item_ref, name)
            if outcome == "new":
                entries.append(Entry(-line_id, serial or "", name_key or "", class_id))
        return by_row, entries

    def _resolve_line(self, plan, cells, items, rows):
        """Fill in the ends and the type of a relation.

        :raise RefusedRowError: where one of them is not found
        """
        if "of_row" in cells:
            line_id, outcome, item_ref, name = rows[cells["of_row"]]
            if outcome == "refused":
                raise RefusedRowError(
                    self.env._("The item of this row was refused, see there.")
                )
            first = item_ref or -line_id
            plan.type_ref, is_inverse = cells["type_id"], cells["is_inverse"]
            label = name
        else:
            first = self._find_end(cells, "source", items)
            plan.type_ref, is_inverse = self._find_type(cells)
            label = cells["source"]
        second = self._find_end(cells, "target", items)
        plan.note = cells.get("note", "")
        plan.name = self._tell(label, plan.type_ref, is_inverse, cells["target"])
        if first == second:
            raise RefusedRowError(
                self.env._("An item cannot have a relation to itself.")
            )
        if is_inverse:
            first, second = second, first
        if plan.type_ref in self._types.symmetric:
            # Either side may come first: always the same one does.
            first, second = sorted((first, second))
        plan.item_ref, plan.item_line = _split(first)
        plan.other_ref, plan.other_line = _split(second)

    def _tell(self, first, type_id, is_inverse, second):
        kind = self._types.types.browse(type_id)
        words = kind.inverse_name if is_inverse else kind.name
        return f"{first} {words} {second}"[:250]

    def _find_type(self, cells):
        text = cells.get("type")
        if not text:
            raise RefusedRowError(self.env._("The row names no relation."))
        found = self._types.find(text)
        if found.is_ambiguous:
            raise RefusedRowError(
                self.env._(
                    "Several types of relations read “%s”. Write the other name of the "
                    "one you mean, and change the two items over.",
                    text[:80],
                )
            )
        if not found.type_id:
            raise RefusedRowError(
                self.env._(
                    "There is no relation “%s”. Write one of either names under "
                    "Configuration, Relation Types.",
                    text[:80],
                )
            )
        return found.type_id, found.is_inverse

    def _find_end(self, cells, end, items):
        """Return the number of the item at an end; negative for a row that makes it."""
        text = cells.get(end)
        if not text:
            raise RefusedRowError(self.env._("The row names only one item."))
        class_id = None
        if name := cells.get(f"{end}_class"):
            found = self._classes.find(name)
            class_id = found.class_id
            if not class_id:
                raise RefusedRowError(
                    self.env._(
                        "There is no class “%s”, or several: write its full name.",
                        name[:80],
                    )
                )
        answer = find(text, class_id, items)
        if answer.code == "unknown":
            raise RefusedRowError(
                self.env._(
                    "There is no item “%s” with this serial number or name. Import the "
                    "items first.",
                    text[:80],
                )
            )
        if answer.code:
            raise RefusedRowError(
                self.env._(
                    "There are %(count)s items “%(item)s”. Write the serial number, or "
                    "the class as well.",
                    count=len(answer.others),
                    item=text[:80],
                )
            )
        return answer.number

    # ------------------------------------------------------------------
    # What is there
    # ------------------------------------------------------------------

    def _recall(self, lines):
        """Return plans with the ends that the preview found, now all of them items."""
        waiting = {
            number
            for line in lines
            for number in (line["item_line"], line["other_line"])
            if number
        }
        made = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, item_ref FROM itsm_ci_import_line WHERE id = ANY(%s)"
                    " AND is_stored",
                    list(waiting),
                )
            )
        )
        plans = []
        for line in lines:
            plan = RelationPlan(
                line["id"],
                line["row"],
                name=line["name"],
                type_ref=line["type_ref"],
                item_ref=line["item_ref"] or made.get(line["item_line"]),
                other_ref=line["other_ref"] or made.get(line["other_line"]),
                note=line["cells"].get("note", ""),
            )
            plans.append(plan)
        there = self._find_visible(plans)
        for plan in plans:
            if plan.item_ref not in there or plan.other_ref not in there:
                plan.outcome = "refused"
                plan.message = self.env._("One of the items was not imported.")
        return plans

    def _find_visible(self, plans):
        ids = {number for plan in plans for number in (plan.item_ref, plan.other_ref)}
        return set(
            self.env["itsm.ci"]
            .with_context(active_test=False)
            .search(
                [
                    ("id", "in", list(ids - {None})),
                    ("company_id", "in", [False, self.run.company_id.id]),
                ]
            )
            .ids
        )

    def _find_known(self, plans):
        """Return ``{(first item, second item, type)}`` of relations that are there."""
        plans = [plan for plan in plans if plan.item_ref and plan.other_ref]
        sources = {plan.item_ref for plan in plans}
        targets = {plan.other_ref for plan in plans}
        symmetric = {plan.type_ref for plan in plans} & self._types.symmetric
        mirrored = SQL(
            " OR type_id = ANY(%s) AND source_id = ANY(%s) AND target_id = ANY(%s)",
            list(symmetric),
            list(targets),
            list(sources),
        )
        self.env["itsm.ci.relation"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT source_id, target_id, type_id FROM itsm_ci_relation"
                " WHERE source_id = ANY(%s) AND target_id = ANY(%s)%s",
                list(sources),
                list(targets),
                mirrored if symmetric else SQL(),
            )
        )
        known = set(rows)
        # A relation that reads the same from both sides is known from either.
        known.update(
            (target, source, type_id)
            for source, target, type_id in rows
            if type_id in self._types.symmetric
        )
        return known


def _split(number):
    """Return ``(item, line)`` of the number of an end."""
    return (number, None) if number > 0 else (None, -number)
