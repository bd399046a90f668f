import json
from itertools import islice

from odoo import models
from odoo.tools import SQL

#: Lines written by one statement.
SLICE = 5000


class ItsmCiImportRows(models.AbstractModel):
    """The lines of an import in the database, read and written many at a time."""

    _name = "itsm.ci.import.rows"
    _description = "Rows of an Import of Items"

    def _insert(self, lines):
        """Write lines; return how many."""
        count = 0
        while part := list(islice(lines, SLICE)):
            count += len(part)
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO itsm_ci_import_line (
                        import_id, kind, row, cells, serial_key, name_key, class_ref,
                        message, outcome
                    )
                    SELECT %s, kind, row, cells, serial_key, name_key, class_ref,
                           message, CASE WHEN message IS NOT NULL THEN 'refused' END
                      FROM jsonb_to_recordset(%s::jsonb) AS line (
                        kind text, row int, cells jsonb, serial_key text,
                        name_key text, class_ref int, message text
                    )
                    """,
                    self.id,
                    json.dumps(part),
                )
            )
        self.env["itsm.ci.import.line"].invalidate_model()
        return count

    def _clear_lines(self):
        if self.ids:
            self.env.cr.execute(
                SQL(
                    "DELETE FROM itsm_ci_import_line WHERE import_id IN %s",
                    tuple(self.ids),
                )
            )
            self.env["itsm.ci.import.line"].invalidate_model(flush=False)

    def _has_lines(self):
        return bool(
            self.env["itsm.ci.import.line"].search_count(
                [("import_id", "in", self.ids)], limit=1
            )
        )

    def _read_lines(self, limit, storing):
        """Return the next lines as dicts: those to check, or those to store."""
        todo = (
            SQL("outcome IN ('new', 'changed') AND NOT COALESCE(is_stored, FALSE)")
            if storing
            else SQL("outcome IS NULL")
        )
        self.env.cr.execute(
            SQL(
                "SELECT id, kind, row, cells, serial_key, name_key, class_ref,"
                " item_ref, item_line, other_ref, other_line, type_ref, name, outcome"
                " FROM itsm_ci_import_line WHERE import_id = %s AND id > %s AND %s"
                " ORDER BY id LIMIT %s",
                self.id,
                self.position,
                todo,
                limit,
            )
        )
        return self.env.cr.dictfetchall()

    def _write_outcomes(self, plans, storing):
        """Write down what became of lines.

        :param plans: with the attributes of ``ItemPlan`` and ``RelationPlan``
        """
        names = ("item_ref", "item_line", "other_ref", "other_line", "type_ref", "name")
        values = [
            {
                "id": plan.line_id,
                "outcome": plan.outcome,
                "changes": plan.changes,
                "message": plan.message,
                "is_stored": storing and plan.outcome in ("new", "changed"),
                **{name: getattr(plan, name, None) for name in names},
            }
            for plan in plans
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_ci_import_line line
                   SET outcome = v.outcome, changes = v.changes, message = v.message,
                       is_stored = v.is_stored, item_ref = v.item_ref,
                       item_line = v.item_line, other_ref = v.other_ref,
                       other_line = v.other_line, type_ref = v.type_ref, name = v.name
                  FROM jsonb_to_recordset(%s::jsonb) AS v (
                    id int, outcome text, changes jsonb, message text, is_stored bool,
                    item_ref int, item_line int, other_ref int, other_line int,
                    type_ref int, name text
                  )
                 WHERE line.id = v.id
                """,
                json.dumps(values),
            )
        )
        self.env["itsm.ci.import.line"].invalidate_model(flush=False)

    def _refuse_contradictions(self):
        """Tell of relations that the file holds twice."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_ci_import_line line
                   SET outcome = 'unchanged', message = %s || twin.first
                  FROM (
                    SELECT id, FIRST_VALUE(row) OVER same AS first,
                           ROW_NUMBER() OVER same AS number
                      FROM itsm_ci_import_line
                     WHERE import_id = %s AND kind = 'relation' AND outcome = 'new'
                    WINDOW same AS (
                        PARTITION BY type_ref, item_ref, item_line, other_ref,
                        other_line ORDER BY id
                    )
                  ) twin
                 WHERE twin.id = line.id AND twin.number > 1
                """,
                self.env._("Said before, on row "),
                self.id,
            )
        )

    def _count_outcomes(self):
        """Return the values of the counters."""
        self.env.cr.execute(
            SQL(
                "SELECT kind, outcome, COUNT(*),"
                " COUNT(*) FILTER (WHERE is_stored)"
                " FROM itsm_ci_import_line WHERE import_id = %s GROUP BY 1, 2",
                self.id,
            )
        )
        counts, stored = {}, 0
        for kind, outcome, count, of_it_stored in self.env.cr.fetchall():
            counts[f"{kind}s_{outcome}"] = count
            stored += of_it_stored
        names = [
            name for name in self._fields if name.startswith(("items_", "relations_"))
        ]
        return {**{name: counts.get(name, 0) for name in names}, "stored": stored}

    def _count_waiting(self):
        """Return how many lines are to be stored, as values."""
        return {"lines_total": self.items_new + self.items_changed + self.relations_new}
