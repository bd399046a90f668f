import json
from dataclasses import dataclass, field

from odoo.tools import SQL

from ..tools.ci_matching import Book, Entry, match
from ..tools.workflow import index_transitions
from .itsm_ci_finder import CiFinder
from .itsm_ci_import_cells import CellReader, RefusedRowError
from .itsm_ci_import_checks import NAMED, ItemChecks
from .itsm_ci_import_store import ItemStore
from .itsm_ci_names import ClassNames


@dataclass
class ItemPlan:
    """What becomes of a row.

    :ivar list changes: ``[label, old text, new text]``, for people
    :ivar dict values: fields to write
    :ivar dict attributes: all attributes to write, or None where none changes
    :ivar str state: lifecycle to move to, or None
    """

    line_id: int
    row: int
    name: str = ""
    outcome: str = "unchanged"
    item_ref: int | None = None
    changes: list | None = None
    message: str | None = None
    values: dict = field(default_factory=dict)
    attributes: dict | None = None
    state: str | None = None


class ItemBatch(ItemChecks):
    """Finds out what the rows of a batch change, and stores it.

    A batch takes a constant number of queries, whatever its rows say.
    """

    def __init__(self, run):
        # A context of our own: what a client puts there has no say in it.
        self.env = run.env(
            context={
                "lang": run.env.lang,
                "tz": run.env.user.tz,
                "allowed_company_ids": run.company_id.ids,
            }
        )
        self.run = run
        self.Ci = self.env["itsm.ci"].with_context(active_test=False)
        self._finder = CiFinder(self.env, run.company_id)
        self._reader = CellReader(self.env, run, self._finder)
        self._classes = ClassNames(self.env)
        self._moves = index_transitions(self.Ci._workflow_transitions)
        self._locked = self.Ci._workflow_locked_fields

    def plan(self, lines, storing):
        """Return the plans of rows.

        :param list lines: as `_read_lines` returns them
        :param bool storing: they were checked before
        :rtype: list[ItemPlan]
        """
        answers = self._match(lines, storing)
        items = {
            item.id: item
            for item in self.Ci.search(
                [
                    ("id", "in", [a.number for a in answers if a.number]),
                    ("company_id", "in", [False, self.run.company_id.id]),
                ]
            )
        }
        stored = self._read_attributes(items)
        for line, answer in zip(lines, answers, strict=True):
            item = items.get(answer.number)
            line["class_id"] = line["class_ref"] or (item.class_id.id if item else None)
            line["stored"] = stored.get(answer.number, {})
        used = {line["class_id"] for line in lines}
        definitions = {
            each.id: {one["name"]: one for one in each.ci_properties or ()}
            for each in self._classes.classes
            if each.id in used
        }
        self._reader.prepare(lines, definitions)
        plans = []
        for line, answer in zip(lines, answers, strict=True):
            plan = ItemPlan(line["id"], line["row"], self._name(line))
            try:
                self._plan_row(plan, line, answer, items, definitions)
            except RefusedRowError as error:
                plan.outcome, plan.message = "refused", str(error)
            plans.append(plan)
        if not storing:
            self._refuse_meant_twice(plans)
        return plans

    def store(self, plans):
        """Write what plans say, and refuse the rows that cannot be written."""
        ItemStore(self.env, self.run).store(plans)

    def _name(self, line):
        cells = line["cells"]
        return cells.get("name") or cells.get("serial_number") or ""

    # ------------------------------------------------------------------
    # Which item
    # ------------------------------------------------------------------

    def _match(self, lines, storing):
        rows = [
            Entry(
                line["row"],
                line["serial_key"] or "",
                line["name_key"] or "",
                line["class_ref"],
            )
            for line in lines
        ]
        serials = {row.serial for row in rows}
        names = {row.name for row in rows}
        items = Book(self._finder.find_entries(serials, names))
        others = Book([] if storing else self._find_rows(serials, names))
        return [
            # What the preview found is meant, also where the name changed since.
            match(row, items, others)._replace(number=line["item_ref"], code="")
            if storing and line["item_ref"]
            else match(row, items, others)
            for line, row in zip(lines, rows, strict=True)
        ]

    def _find_rows(self, serials, names):
        """Return rows of the whole file that share a serial number or name.

        Some of each are enough to tell that there are others.
        """
        rows = []
        for column, keys in (("serial_key", serials), ("name_key", names)):
            rows += self.env.execute_query(
                SQL(
                    """
                    SELECT row, serial_key, name_key, class_ref FROM (
                        SELECT row, serial_key, name_key, class_ref,
                               COUNT(*) OVER same AS count,
                               ROW_NUMBER() OVER (
                                   PARTITION BY %(column)s, class_ref ORDER BY row
                               ) AS number
                          FROM itsm_ci_import_line
                         WHERE import_id = %(run)s AND kind = 'item'
                           AND %(column)s = ANY(%(keys)s)
                        WINDOW same AS (PARTITION BY %(column)s)
                    ) rows WHERE count > 1 AND number <= %(limit)s
                    """,
                    column=SQL.identifier(column),
                    run=self.run.id,
                    keys=list(filter(None, keys)),
                    limit=NAMED + 1,
                )
            )
        return [
            Entry(row, serial or "", name or "", class_id)
            for row, serial, name, class_id in rows
        ]

    def _read_attributes(self, items):
        """Return ``{id: {key: value}}`` as the database has them."""
        if not items:
            return {}
        self.Ci.flush_model(["properties"])
        rows = self.env.execute_query(
            SQL("SELECT id, properties FROM itsm_ci WHERE id IN %s", tuple(items))
        )
        return {item_id: values or {} for item_id, values in rows}

    def _refuse_meant_twice(self, plans):
        """Refuse rows that are about an item that another row is about, too."""
        by_item = {}
        for plan in plans:
            if plan.item_ref and plan.outcome != "refused":
                by_item.setdefault(plan.item_ref, []).append(plan)
        if not by_item:
            return
        earlier = self.env.execute_query(
            SQL(
                "SELECT id, row, item_ref FROM itsm_ci_import_line"
                " WHERE import_id = %s AND kind = 'item' AND item_ref = ANY(%s)"
                " AND id < %s",
                self.run.id,
                list(by_item),
                min(plan.line_id for plan in plans),
            )
        )
        first = {item_ref: (line_id, row) for line_id, row, item_ref in earlier}
        refused = []
        for item_ref, same in by_item.items():
            rows = [plan.row for plan in same]
            if item_ref in first:
                line_id, row = first[item_ref]
                refused.append({"id": line_id, "message": self._meant_twice(rows)})
                rows.insert(0, row)
            if len(rows) == 1:
                continue
            for plan in same:
                others = [row for row in rows if row != plan.row]
                plan.outcome, plan.changes = "refused", None
                plan.message = self._meant_twice(others)
        self._refuse_earlier(refused)

    def _meant_twice(self, rows):
        return self.env._(
            "Row %(rows)s is about the same item. Leave one of them in the file.",
            rows=self._list(rows),
        )

    def _refuse_earlier(self, refused):
        if refused:
            self.env.cr.execute(
                SQL(
                    "UPDATE itsm_ci_import_line line SET outcome = 'refused',"
                    " changes = NULL, message = v.message"
                    " FROM jsonb_to_recordset(%s::jsonb) AS v (id int, message text)"
                    " WHERE line.id = v.id",
                    json.dumps(refused),
                )
            )

    # ------------------------------------------------------------------
    # What changes
    # ------------------------------------------------------------------

    def _plan_row(self, plan, line, answer, items, definitions):
        """Fill in the plan of one row.

        :raise RefusedRowError: where the row cannot be used
        """
        cells = line["cells"]
        self._check_class(cells)
        if answer.code:
            raise RefusedRowError(self._explain(answer, line))
        item = self.Ci
        if answer.number:
            if answer.number not in items:
                raise RefusedRowError(
                    self.env._("The item is no longer there. Import the file again.")
                )
            item = items[answer.number]
            if line["outcome"] == "new":
                raise RefusedRowError(
                    self.env._(
                        "The item was created since the preview. Import the file "
                        "again to see what would change."
                    )
                )
        plan.item_ref = item.id or None
        plan.name = plan.name or item.name
        ci_class = self._classes.classes.browse(line["class_id"])
        values, changes = self._reader.compare_fields(
            self._reader.read_fields(cells), item
        )
        definition = definitions.get(ci_class.id, {})
        attributes, told = self._reader.compare_attributes(
            self._reader.read_attributes(cells, definition, ci_class.complete_name),
            definition,
            line["stored"],
        )
        changes += told
        if item.class_id != ci_class:
            if item:
                self._check_new_class(item, ci_class)
            values["class_id"] = ci_class.id
            changes.insert(
                0,
                [
                    self._reader.show_class(),
                    item.class_id.complete_name or "",
                    ci_class.complete_name,
                ],
            )
        plan.state = values.pop("lifecycle_state", None)
        if attributes:
            plan.attributes = {**line["stored"], **attributes}
        plan.values, plan.changes = values, changes
        if not item:
            plan.outcome = "new"
        elif changes:
            plan.outcome = "changed"
        self._check_plan(plan, item, ci_class)
