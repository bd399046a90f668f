import json

from odoo import models
from odoo.tools import SQL

from ..tools.ci_audit import find_deviations
from .itsm_ci_audit_facts import FACT_FIELDS

#: Of what a missing or surplus item is recognised in a list.
SUMMARY_FIELDS = ("serial_number", "asset_tag", "location", "user_partner_id")


class ItsmCiAudit(models.Model):
    _name = "itsm.ci.audit"
    _inherit = ["itsm.ci.audit"]

    def _compare(self):
        """Record what differs, in a constant number of queries.

        What was decided of differences that are as they were stays decided.
        """
        self.ensure_one()
        expected, found = self._read_facts()
        facts = {
            key: {name: row[name] for name in FACT_FIELDS}
            for key, row in expected.items()
        }
        found_facts = {
            key: {name: row[name] for name in FACT_FIELDS} for key, row in found.items()
        }
        deviations = find_deviations(facts, found_facts)
        describe = self._make_describer(deviations, expected, found)
        rows = {}
        for deviation in deviations:
            before = expected.get(deviation.key, {})
            after = found.get(deviation.key, {})
            row = {
                "kind": deviation.kind,
                "field_name": deviation.field or None,
                "item_id": before.get("id"),
                "finding_id": after.get("id"),
                "ci_id": deviation.key if deviation.key > 0 else None,
                "name": before.get("name") or after.get("name") or after.get("code"),
                **describe(deviation),
            }
            rows[self._identify(row)] = row
        self._replace_differences(rows)

    def _identify(self, row):
        """Return what makes a difference the same as an earlier one."""
        names = ("kind", "item_id", "finding_id", "field_name", "expected", "found")
        return tuple(row[name] or None for name in names)

    def _read_facts(self):
        """Return what is expected and what was found, by item.

        Things that are not recorded have the negative id of their finding.
        """
        columns = SQL(", ").join(map(SQL.identifier, FACT_FIELDS))
        self.env["itsm.ci.audit.finding"].flush_model()
        sides = []
        for table, code in (
            ("itsm_ci_audit_item", SQL("NULL")),
            ("itsm_ci_audit_finding", SQL("code")),
        ):
            rows = self.env.execute_query(
                SQL(
                    "SELECT id, COALESCE(ci_id, -id), %s, %s FROM %s"
                    " WHERE audit_id = %s",
                    code,
                    columns,
                    SQL.identifier(table),
                    self.id,
                )
            )
            sides.append(
                {
                    key: {
                        "id": row_id,
                        "code": code,
                        **dict(zip(FACT_FIELDS, values, strict=True)),
                    }
                    for row_id, key, code, *values in rows
                }
            )
        return sides

    def _make_describer(self, deviations, expected, found):
        """Return a function that puts a deviation into words for people."""
        rows = [
            side[deviation.key]
            for deviation in deviations
            for side in (expected, found)
            if deviation.key in side
        ]
        items = self.env["itsm.ci"]
        names = {
            "owner_id": self._read_names(
                SQL("res_users u JOIN res_partner p ON p.id = u.partner_id"),
                SQL("u.id"),
                {row["owner_id"] for row in rows},
            ),
            "user_partner_id": self._read_names(
                SQL("res_partner p"),
                SQL("p.id"),
                {row["user_partner_id"] for row in rows},
            ),
        }
        names["lifecycle_state"] = items._workflow_states()
        labels = {
            name: items._fields[name]._description_string(self.env)
            for name in FACT_FIELDS
        }

        def tell(row, name):
            value = row[name]
            return (names[name].get(value, "") if name in names else value) or ""

        def summarise(row):
            return ", ".join(filter(None, (tell(row, name) for name in SUMMARY_FIELDS)))

        def describe(deviation):
            before = expected.get(deviation.key)
            after = found.get(deviation.key)
            if deviation.kind == "different":
                return {
                    "field_label": labels[deviation.field],
                    "expected": tell(before, deviation.field),
                    "found": tell(after, deviation.field),
                }
            return {
                "field_label": self.env._("The whole item"),
                "expected": summarise(before) if before else "",
                "found": summarise(after) if after else "",
            }

        return describe

    def _read_names(self, people, key, ids):
        """Return ``{id: name}``, also of people who are archived by now."""
        self.env["res.partner"].flush_model(["name"])
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT %s, p.name FROM %s WHERE %s = ANY(%s)",
                    key,
                    people,
                    key,
                    [each for each in ids if each],
                )
            )
        )

    def _replace_differences(self, rows):
        """Keep the differences that are among `rows`, and add the others."""
        differences = self.env["itsm.ci.audit.difference"]
        differences.flush_model()
        names = ("kind", "item_id", "finding_id", "field_name", "expected", "found")
        kept, gone = set(), []
        for difference_id, *values in self.env.execute_query(
            SQL(
                "SELECT id, %s FROM itsm_ci_audit_difference WHERE audit_id = %s",
                SQL(", ").join(map(SQL.identifier, names)),
                self.id,
            )
        ):
            identity = self._identify(dict(zip(names, values, strict=True)))
            if identity in rows:
                kept.add(identity)
            else:
                gone.append(difference_id)
        if gone:
            self.env.cr.execute(
                SQL("DELETE FROM itsm_ci_audit_difference WHERE id = ANY(%s)", gone)
            )
        new = [row for identity, row in rows.items() if identity not in kept]
        if new:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO itsm_ci_audit_difference (
                        audit_id, decision, create_uid, create_date, write_uid,
                        write_date, kind, field_name, item_id, finding_id, ci_id, name,
                        field_label, expected, found)
                    SELECT %(audit)s, 'open', %(user)s, %(now)s, %(user)s, %(now)s,
                           row.*
                      FROM jsonb_to_recordset(%(rows)s) AS row(
                           kind varchar, field_name varchar, item_id int,
                           finding_id int, ci_id int, name varchar,
                           field_label varchar, expected varchar, found varchar)
                    """,
                    audit=self.id,
                    user=self.env.uid,
                    now=self.env.cr.now(),
                    rows=json.dumps(new),
                )
            )
        differences.invalidate_model(flush=False)
        self.invalidate_recordset()
