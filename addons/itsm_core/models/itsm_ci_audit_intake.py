import json
from collections import defaultdict
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from ..tools.ci_audit import fold
from .itsm_ci_audit import PRESENT_STATES
from .itsm_ci_audit_facts import FACT_FIELDS

#: By what a thing is recognised, the surest first.
CODE_FIELDS = ("serial_number", "asset_tag", "name")

#: Columns of a finding that is stored in SQL, with their types.
COLUMNS = {
    "code": "varchar",
    "key": "varchar",
    "item_id": "int",
    "ci_id": "int",
    "note": "varchar",
    "source": "varchar",
    "found_by_id": "int",
    "found_date": "timestamp",
    "name": "varchar",
    "serial_number": "varchar",
    "asset_tag": "varchar",
    "location": "varchar",
    "owner_id": "int",
    "user_partner_id": "int",
    "lifecycle_state": "varchar",
}


class Match(NamedTuple):
    """What a code stands for.

    :ivar item_id: of the expected item, or False
    :ivar ci_id: of the configuration item, or False
    :ivar dict facts: what is expected or recorded of it
    :ivar list names: of the items it may mean, where it is not clear which
    """

    item_id: int = False
    ci_id: int = False
    facts: dict = {}
    names: tuple = ()


class Plan(NamedTuple):
    """What recording a code would do.

    :ivar str outcome: "expected", "outside", "unknown", "again" (found before, or twice
        in one go), "ambiguous" or "empty"
    :ivar before: what the earlier finding says, where there is one: its id (or False
        in one go), who and when
    """

    outcome: str
    code: str
    match: Match
    facts: dict
    before: tuple = ()


class ItsmCiAudit(models.Model):
    _name = "itsm.ci.audit"
    _inherit = ["itsm.ci.audit"]

    def record_scan(self, code, location=False):
        """Record what a scanner has read: called for each scan by the browser.

        :param str code: serial number, asset tag or name
        :param location: where the person stands, or False where that is not looked at
        :return: dict with ``outcome`` of :class:`Plan`, ``finding`` (id or False),
            ``name``, ``text`` and ``progress``
        :raise UserError: where the audit is not going on
        """
        self.ensure_one()
        self.check_access("read")
        self.env["itsm.ci.audit.finding"].check_access("create")
        facts = {"location": location.strip()} if location and location.strip() else {}
        [plan] = self._plan([(code or "", facts)])
        [finding_id] = self._store_findings([(plan, "")], "scan") or [False]
        return {
            "outcome": plan.outcome,
            "finding": finding_id,
            "name": plan.facts.get("name") or plan.code,
            "text": self._explain_plan(plan),
            "progress": self.get_scan_progress(),
        }

    def action_scan(self):
        """Open the screen for a scanner."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "itsm_ci_audit_scan",
            "name": self.env._("Scan: %s", self.display_name),
            "context": {"active_model": self._name, "active_id": self.id},
        }

    def get_scan_progress(self):
        """Return how far the audit is, for the screen of the scanner."""
        self.ensure_one()
        return {
            "name": self.display_name,
            "state": self.state,
            "may_record": self.state == "in_progress"
            and self.env["itsm.ci.audit.finding"].has_access("create"),
            "expected": self.expected_count,
            "found": self.found_count,
            "surplus": self.finding_count - self.found_count,
            "completion": self.completion,
        }

    def _check_recording(self):
        for audit in self:
            if audit.state != "in_progress":
                raise UserError(
                    self.env._(
                        "“%(name)s” is “%(state)s”: findings are recorded while an "
                        "audit is in progress.",
                        name=audit.name,
                        state=audit._workflow_state_label(audit.state),
                    )
                )
        if self.ids:
            # Comparing waits for findings that are just being recorded.
            self.env.cr.execute(
                SQL("SELECT 1 FROM itsm_ci_audit WHERE id IN %s FOR SHARE", self._ids)
            )

    # What codes stand for

    def _match(self, codes):
        """Return the :class:`Match` of each code, expected items before others."""
        self.ensure_one()
        keys = {fold(code): code for code in codes if fold(code)}
        found = self._choose(self._read_expected(codes), keys)
        rest = {key: code for key, code in keys.items() if key not in found}
        if rest:
            found |= self._choose(self._read_items(list(rest.values())), rest)
        return {code: found.get(fold(code), Match()) for code in codes}

    def _choose(self, rows, keys):
        """Return the `Match` of each of `keys` that one of `rows` has."""
        ranked = defaultdict(lambda: defaultdict(dict))
        for match in rows:
            for rank, name in enumerate(CODE_FIELDS):
                key = fold(match.facts[name] or "")
                if key in keys:
                    ranked[key][rank][match.ci_id] = match
        chosen = {}
        for key, by_rank in ranked.items():
            matches = by_rank[min(by_rank)]
            if len(matches) == 1:
                [chosen[key]] = matches.values()
            else:
                names = tuple(match.facts["name"] for match in matches.values())
                chosen[key] = Match(names=names)
        return chosen

    def _read_expected(self, codes):
        return self._read_matches(
            SQL("itsm_ci_audit_item t"),
            SQL("t.id, t.ci_id"),
            SQL("t.audit_id = %s", self.id),
            codes,
        )

    def _read_items(self, codes):
        """Return items that the user may read, wherever they are, also retired ones."""
        cis = self.env["itsm.ci"].with_context(active_test=False)
        cis.flush_model(FACT_FIELDS)
        query = cis._search(
            Domain("company_id", "in", (False, self.company_id.id))
            & Domain("class_id.is_service", "=", False)
        )
        matches = self._read_matches(
            SQL(
                "itsm_ci t LEFT JOIN itsm_ci_audit_item item"
                " ON item.ci_id = t.id AND item.audit_id = %s",
                self.id,
            ),
            SQL("item.id, t.id"),
            SQL("t.id IN %s", query.subselect()),
            codes,
        )
        for match in matches:
            if match.facts["lifecycle_state"] not in PRESENT_STATES:
                retired = match.facts["lifecycle_state"] == "retired"
                # Whatever is recorded: it is there.
                match.facts["lifecycle_state"] = "in_stock" if retired else "in_use"
        return matches

    def _read_matches(self, table, ids, condition, codes):
        keys = list({*codes, *map(fold, codes), *(code.lower() for code in codes)})
        facts = SQL(", ").join(SQL.identifier("t", name) for name in FACT_FIELDS)
        tests = SQL(" OR ").join(
            SQL("lower(%s) = ANY(%s)", SQL.identifier("t", name), keys)
            for name in CODE_FIELDS
        )
        query = SQL(
            "SELECT %s, %s FROM %s WHERE %s AND (%s)",
            ids,
            facts,
            table,
            condition,
            tests,
        )
        return [
            Match(item_id or False, ci_id, dict(zip(FACT_FIELDS, values, strict=True)))
            for item_id, ci_id, *values in self.env.execute_query(query)
        ]

    # What recording them would do

    def _plan(self, entries):
        """Return the :class:`Plan` of each entry, in the same order.

        :param entries: pairs of a code and the facts that were looked at
        :raise UserError: where the audit is not going on
        """
        self.ensure_one()
        self._check_recording()
        codes = [" ".join(code.split()) for code, _facts in entries]
        matches = self._match(list(dict.fromkeys(codes)))
        seen = self._read_seen(matches)
        plans = []
        for code, (_code, facts) in zip(codes, entries, strict=True):
            match = matches[code]
            facts = {**match.facts, **facts}
            mark = match.ci_id or fold(code)
            if not code:
                outcome = "empty"
            elif match.names:
                outcome = "ambiguous"
            elif mark in seen:
                outcome = "again"
            elif match.item_id:
                outcome = "expected"
            else:
                outcome = "outside" if match.ci_id else "unknown"
            plans.append(Plan(outcome, code, match, facts, seen.get(mark, ())))
            if outcome not in ("empty", "ambiguous"):
                seen.setdefault(mark, (False, self.env.user.name, False))
        return plans

    def _read_seen(self, matches):
        """Return what was found before: ``{item or key: (id, who, when)}``."""
        self.env["itsm.ci.audit.finding"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT f.id, f.ci_id, f.key, p.name, f.found_date
                  FROM itsm_ci_audit_finding f
                  JOIN res_users u ON u.id = f.found_by_id
                  JOIN res_partner p ON p.id = u.partner_id
                 WHERE f.audit_id = %s
                   AND (f.ci_id = ANY(%s) OR f.ci_id IS NULL AND f.key = ANY(%s))
                """,
                self.id,
                [match.ci_id for match in matches.values() if match.ci_id],
                [fold(code) for code in matches],
            )
        )
        return {
            ci_id or key: (finding_id, who, when)
            for finding_id, ci_id, key, who, when in rows
        }

    def _explain_plan(self, plan):
        """Return in a sentence what recording a code does."""
        name = plan.facts.get("name") or plan.code
        if plan.outcome == "expected":
            return self.env._("%(name)s is expected.", name=name)
        if plan.outcome == "outside":
            return self.env._(
                "%(name)s is recorded, but not expected here: surplus.", name=name
            )
        if plan.outcome == "unknown":
            return self.env._("“%(code)s” is not recorded: surplus.", code=plan.code)
        if plan.outcome == "ambiguous":
            return self.env._(
                "“%(code)s” may be one of several: %(names)s. Read the serial number "
                "or the asset tag.",
                code=plan.code,
                names=", ".join(sorted(plan.match.names)[:5]),
            )
        if plan.outcome == "empty":
            return self.env._("Nothing was read.")
        _finding, who, when = plan.before
        if not when:
            return self.env._("%(name)s is there twice and counts once.", name=name)
        return self.env._(
            "%(name)s was found before, on %(when)s by %(who)s, and counts once.",
            name=name,
            when=format_datetime(self.env, when, dt_format="short"),
            who=who,
        )

    # Recording

    def _prepare_finding(self, plan, source):
        return {
            "code": plan.code,
            "key": fold(plan.code),
            "item_id": plan.match.item_id,
            "ci_id": plan.match.ci_id,
            "source": source,
            "found_by_id": self.env.uid,
            "found_date": fields.Datetime.now(),
            **plan.facts,
        }

    def _store_findings(self, planned, source):
        """Record what is new, in one query, and return the ids of the findings.

        :param planned: pairs of a :class:`Plan` and a note
        """
        rows = [
            {
                name: value or None
                for name, value in {
                    **self._prepare_finding(plan, source),
                    "note": note,
                    "found_date": fields.Datetime.to_string(fields.Datetime.now()),
                }.items()
            }
            for plan, note in planned
            if plan.outcome in ("expected", "outside", "unknown")
        ]
        if not rows:
            return []
        columns = SQL(", ").join(map(SQL.identifier, COLUMNS))
        types = SQL(", ").join(
            SQL(f"%s {kind}", SQL.identifier(name)) for name, kind in COLUMNS.items()
        )
        findings = self.env["itsm.ci.audit.finding"]
        created = self.env.execute_query(
            SQL(
                """
                INSERT INTO itsm_ci_audit_finding (
                    audit_id, create_uid, create_date, write_uid, write_date,
                    %(columns)s)
                SELECT %(audit)s, %(user)s, %(now)s, %(user)s, %(now)s, %(columns)s
                  FROM jsonb_to_recordset(%(rows)s) AS row(%(types)s)
                    ON CONFLICT DO NOTHING
                RETURNING id
                """,
                audit=self.id,
                user=self.env.uid,
                now=self.env.cr.now(),
                columns=columns,
                rows=json.dumps(rows),
                types=types,
            )
        )
        findings.invalidate_model(flush=False)
        self.env["itsm.ci.audit.item"].invalidate_model(["finding_ids"], flush=False)
        self.invalidate_recordset()
        return [finding_id for [finding_id] in created]
