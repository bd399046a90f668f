import json

from odoo import api, fields, models
from odoo.tools import SQL

STATES = [
    ("new", "New"),
    ("processed", "Processed"),
    ("suppressed", "Suppressed"),
    ("failed", "Failed"),
]
STATUSES = [("firing", "Firing"), ("resolved", "Resolved")]


class ItsmEvent(models.Model):
    """What a monitoring system reported, and what became of it.

    Rows are written by SQL alone: by the intake (``itsm_event_intake.py``) and by the
    work on them right after (``itsm_event_work.py``).
    """

    _name = "itsm.event"
    _description = "Event"
    _inherit = ["itsm.recorded.mixin"]
    _order = "received_at desc, id desc"
    _log_access = False

    name = fields.Char(string="Event", readonly=True)
    source_id = fields.Many2one(
        "itsm.event.source", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict", index=True
    )
    identity = fields.Char(
        required=True,
        readonly=True,
        help="The same whenever the same thing is delivered again, so that it is "
        "stored once.",
    )
    fingerprint = fields.Char(
        required=True,
        readonly=True,
        help="The same for all events about the same fault.",
    )
    status = fields.Selection(STATUSES, required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True)
    reason = fields.Text(
        readonly=True, help="Why it was suppressed or failed, or what it led to."
    )
    starts_at = fields.Datetime(
        string="Began", readonly=True, help="When the fault began, as the source says."
    )
    ends_at = fields.Datetime(string="Ended", readonly=True)
    received_at = fields.Datetime(string="Received", required=True, readonly=True)
    last_received_at = fields.Datetime(
        string="Last Received",
        required=True,
        readonly=True,
        help="Monitoring systems repeat what goes on. A repetition is no new event.",
    )
    repeat_count = fields.Integer(
        string="Repeated",
        readonly=True,
        help="How often it was delivered again, a minute or more after the last time.",
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Incident",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    ci_id = fields.Many2one(
        "itsm.ci",
        string="Item",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    service_id = fields.Many2one(
        "itsm.service", readonly=True, ondelete="set null", index="btree_not_null"
    )
    silence_id = fields.Many2one(
        "itsm.event.silence",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    suppressed_until = fields.Datetime(
        readonly=True, help="If it still goes on then, it opens an incident."
    )
    processed_at = fields.Datetime(string="Processed", readonly=True)
    description = fields.Text(readonly=True)
    url = fields.Char(string="Link", readonly=True)
    labels = fields.Json(readonly=True)
    label_text = fields.Text(string="Labels", readonly=True)
    payload = fields.Json(readonly=True)
    payload_text = fields.Text(string="As Received", compute="_compute_payload_text")

    _identity_index = models.UniqueIndex("(source_id, identity)")
    _received_index = models.Index("(source_id, received_at)")
    _order_index = models.Index("(received_at, id)")
    _fingerprint_index = models.Index("(source_id, fingerprint, id)")
    _new_index = models.Index("(id) WHERE state = 'new'")
    _suppressed_index = models.Index(
        "(suppressed_until) WHERE suppressed_until IS NOT NULL"
    )

    @api.depends("payload")
    def _compute_payload_text(self):
        for event in self:
            event.payload_text = json.dumps(
                event.payload or {}, indent=2, ensure_ascii=False
            )

    def action_retry(self):
        """Have events that failed, or were suppressed, worked on again."""
        # Agents work on what events lead to; whoever may open an incident may.
        self.env["helpdesk.ticket"].check_access("create")
        self.check_access("read")
        again = self.filtered(lambda event: event.state in ("failed", "suppressed"))
        self.env.cr.execute(
            SQL(
                "UPDATE itsm_event SET state = 'new', suppressed_until = NULL"
                " WHERE id = ANY(%s)",
                again.ids,
            )
        )
        again.invalidate_recordset(flush=False)
        self._have_worked_on()

    def _get_recorded_message(self):
        return self.env._(
            "Events are what monitoring reported: they cannot be created, changed or "
            "deleted by hand."
        )
