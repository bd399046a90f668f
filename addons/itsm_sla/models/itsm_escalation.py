import json

from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 250
PLAN_BATCH = 1000


class ItsmEscalation(models.Model):
    """That a rule acted on a clock, and what it did.

    The unique index is what makes each rule act once: whoever gets the row in, acts,
    in the same transaction. Rows are written in SQL by the sweep alone.
    """

    _name = "itsm.escalation"
    _description = "Escalation"
    _inherit = ["itsm.recorded.mixin"]
    _order = "fired_at desc, id desc"
    _log_access = False
    _rec_name = "rule_id"

    rule_id = fields.Many2one(
        "itsm.escalation.rule",
        required=True,
        readonly=True,
        # A rule that acted is deleted by an uninstallation alone: it sees to that.
        ondelete="cascade",
        index=True,
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    target_id = fields.Many2one(
        "itsm.agreement.target",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    percent = fields.Integer(string="At (%)", readonly=True)
    round = fields.Datetime(
        required=True,
        readonly=True,
        help="The message to the customer from which the time between updates "
        "counts; 1970 where there is one round only.",
    )
    reached_at = fields.Datetime(
        string="Reached", readonly=True, help="When the share of the time was used up."
    )
    fired_at = fields.Datetime(string="Escalated", readonly=True)
    outcome = fields.Text(readonly=True, help="What was done.")

    _once_uniq = models.UniqueIndex(
        "(ticket_id, target_id, rule_id, round)",
        "The rule has acted on this target of the ticket already.",
    )

    # ------------------------------------------------------------------
    # Sweep
    # ------------------------------------------------------------------

    @api.model
    def _cron_escalate(self):
        """Let rules act on the clocks that have come so far.

        Safe to run twice, at the same time too, and to be stopped midway: each batch
        is committed with what shows that it is done.
        """
        Clock = self.env["itsm.sla.clock"]
        progress = self.env["ir.cron"]
        remaining = Clock._count_for_escalation(fields.Datetime.now())
        progress._commit_progress(remaining=remaining)
        if not self._escalate_due():
            return
        # Rules have changed: what is due by the new ones follows at once.
        replanned = False
        while rows := Clock._get_unplanned(PLAN_BATCH):
            replanned = True
            Clock._replan(rows)
            if not progress._commit_progress(len(rows)):
                return
        if replanned:
            self._escalate_due()

    @api.model
    def _escalate_due(self):
        """Act batch by batch; return whether there is time left."""
        now = fields.Datetime.now()
        after = (fields.Datetime.to_datetime("1970-01-01"), 0)
        while rows := self.env["itsm.sla.clock"]._get_due_for_escalation(
            now, after, BATCH
        ):
            after = (rows[-1]["next_escalation"], rows[-1]["id"])
            self._escalate(rows, now)
            if not self.env["ir.cron"]._commit_progress(len(rows)):
                return False
        return True

    @api.model
    def _escalate(self, rows, now):
        """Let the rules act whose moment has come for these clocks.

        :param list[dict] rows: clocks as COLUMNS, their tickets being locked
        :param datetime now: naive UTC
        """
        Clock = self.env["itsm.sla.clock"]
        due = [
            (row, policy, moment, round_)
            for row, found in zip(rows, Clock._find_escalations(rows), strict=True)
            for policy, moment, round_ in found
            if moment <= now
        ]
        self._claim(due, now)._act()
        # Works out when the next rule acts, before the commit.
        Clock._mark({row["ticket_id"] for row in rows})

    @api.model
    def _claim(self, due, now):
        """Return a new record for each of what is due, where nobody was faster.

        Of two at the same time the second one waits for the first one's commit, and
        gets nothing.
        """
        if not due:
            return self
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO itsm_escalation (rule_id, ticket_id, target_id, company_id,
                            percent, round, reached_at, fired_at)
                SELECT rule_id, ticket_id, target_id, company_id, percent, round,
                       reached_at, fired_at
                  FROM jsonb_to_recordset(%s) AS r(
                       rule_id int, ticket_id int, target_id int, company_id int,
                       percent int, round timestamp, reached_at timestamp,
                       fired_at timestamp)
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                json.dumps(
                    [
                        {
                            "rule_id": policy.rule,
                            "ticket_id": row["ticket_id"],
                            "target_id": row["target_id"],
                            "company_id": row["company_id"],
                            "percent": policy.percent,
                            "round": round_,
                            "reached_at": moment,
                            "fired_at": now,
                        }
                        for row, policy, moment, round_ in due
                    ],
                    default=fields.Datetime.to_string,
                ),
            )
        )
        # The cache of this model never holds anything to flush.
        self.invalidate_model(flush=False)
        return self.browse([escalation_id for (escalation_id,) in found])

    def _store_outcomes(self, outcomes):
        """Keep what was done.

        :param dict outcomes: ``{escalation: text}``
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_escalation e SET outcome = r.outcome
                  FROM jsonb_to_recordset(%s) AS r(id int, outcome text)
                 WHERE e.id = r.id
                """,
                json.dumps(
                    [
                        {"id": escalation.id, "outcome": text}
                        for escalation, text in outcomes.items()
                    ]
                ),
            )
        )
        self.invalidate_model(["outcome"], flush=False)

    # ------------------------------------------------------------------
    # Read only through the ORM
    # ------------------------------------------------------------------

    def _get_recorded_message(self):
        return self.env._(
            "Escalations are recorded by the rules themselves. They cannot be "
            "created, changed or deleted."
        )
