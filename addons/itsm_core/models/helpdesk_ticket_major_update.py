from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime
from odoo.tools.sql import column_exists, create_column

from ..tools.boolean_search import boolean_search
from .helpdesk_ticket_major import DEFAULT_INTERVAL
from .helpdesk_ticket_stage import UNFINISHED_STATES

#: Activities that end with the incident.
LEAD_ACTIVITIES = [
    "itsm_core.mail_activity_type_major_proposed",
    "itsm_core.mail_activity_type_major_update",
]
REVIEW_ACTIVITY = "itsm_core.mail_activity_type_major_review"
REVIEW_DAYS = 5


class HelpdeskTicket(models.Model):
    """Major incidents: keeping customers and management up to date."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    major_update_interval = fields.Integer(
        string="Update Every",
        default=DEFAULT_INTERVAL,
        copy=False,
        tracking=True,
        help="Minutes between two updates. 0: no updates are promised.",
    )
    major_last_update = fields.Datetime(string="Last Update", readonly=True, copy=False)
    major_next_update = fields.Datetime(
        string="Next Update",
        compute="_compute_major_next_update",
        store=True,
        copy=False,
        help="When customers and management have been promised to hear more.",
    )
    is_major_update_overdue = fields.Boolean(
        string="Update Overdue",
        compute="_compute_is_major_update_overdue",
        search="_search_is_major_update_overdue",
    )
    announcement_ids = fields.One2many(
        "itsm.announcement",
        "ticket_id",
        string="Announcements",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )
    major_update_ids = fields.One2many(
        "itsm.major.update",
        "ticket_id",
        string="Updates",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )

    _major_interval_positive = models.Constraint(
        "CHECK (major_update_interval BETWEEN 0 AND 10080)",
        "Updates are promised every so many minutes, from 0 to 10,080 (a week).",
    )

    def _auto_init(self):
        # No ticket is major yet, so there is nothing to compute.
        if not column_exists(self.env.cr, self._table, "major_next_update"):
            create_column(self.env.cr, self._table, "major_next_update", "timestamp")
        return super()._auto_init()

    @api.depends("is_major", "major_last_update", "major_update_interval")
    def _compute_major_next_update(self):
        for ticket in self:
            if (
                ticket.is_major
                and ticket.major_last_update
                and ticket.major_update_interval
            ):
                ticket.major_next_update = ticket.major_last_update + timedelta(
                    minutes=ticket.major_update_interval
                )
            else:
                ticket.major_next_update = False

    @api.depends("major_next_update", "itsm_state")
    def _compute_is_major_update_overdue(self):
        now = fields.Datetime.now()
        for ticket in self:
            ticket.is_major_update_overdue = bool(
                ticket.major_next_update
                and ticket.major_next_update < now
                and ticket.itsm_state in UNFINISHED_STATES
            )

    @boolean_search
    def _search_is_major_update_overdue(self):
        return fields.Domain(
            [
                ("is_major", "=", True),
                ("major_next_update", "<", fields.Datetime.now()),
                ("itsm_state", "in", UNFINISHED_STATES),
            ]
        )

    # ------------------------------------------------------------------
    # Updates
    # ------------------------------------------------------------------

    def action_send_major_update(self):
        """Open the dialogue that tells customers and management the latest."""
        self.ensure_one()
        self._check_may_lead()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send Update"),
            "res_model": "itsm.major.update.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def _send_major_update(self, body, announcements, to_management=False, note=None):
        """Tell customers, and management where wished, how it stands.

        :param str body: what customers read, in plain text
        :param announcements: published ``itsm.announcement`` of this ticket
        :param bool to_management: inform top management too
        :param str note: what only top management reads besides
        """
        self.ensure_one()
        self._check_may_lead()
        # First, so that the mails promise the next update and not this one.
        self._write_major({"major_last_update": fields.Datetime.now()})
        update = self.env["itsm.major.update"]._record(
            [
                {
                    "ticket_id": self.id,
                    "kind": "update",
                    "body": body,
                    "note": note,
                    "to_management": to_management,
                    "announcement_ids": [fields.Command.set(announcements.ids)],
                }
            ]
        )
        self._post_note(
            self.env._(
                "Update mailed to %(count)s contacts: %(body)s",
                count=len(update.notice_ids),
                body=body or note,
            )
        )
        # Who leads knows about the next one: no mail that it is assigned to them.
        self.with_context(mail_activity_quick_update=True)._remind_of_update()

    def _remind_of_update(self):
        """Let the major incident managers know when the next update is due."""
        # sudo: the incident may have been declared by a rule, when a customer
        # reported it.
        self.sudo().activity_unlink(["itsm_core.mail_activity_type_major_update"])
        for ticket in self.sudo():
            user = ticket.major_manager_id
            if not user or not ticket.major_next_update:
                continue
            timezone = user.tz or "UTC"
            moment = fields.Datetime.context_timestamp(
                ticket.with_context(tz=timezone), ticket.major_next_update
            )
            ticket.activity_schedule(
                "itsm_core.mail_activity_type_major_update",
                date_deadline=moment.date(),
                user_id=user.id,
                summary=self.env._(
                    "Update due %(time)s",
                    time=format_datetime(
                        self.env,
                        ticket.major_next_update,
                        tz=timezone,
                        dt_format="short",
                    ),
                ),
            )

    def _drop_major_activities(self):
        """Take back the reminders that have lost their point."""
        # sudo: they may lie with colleagues.
        self.sudo().activity_unlink([*LEAD_ACTIVITIES, REVIEW_ACTIVITY])

    # ------------------------------------------------------------------
    # The end
    # ------------------------------------------------------------------

    def _on_major_resolved(self):
        """End the announcements, tell everybody, and ask for the review."""
        if not self:
            return
        # sudo: whoever resolves the incident need not be its manager.
        published = self.sudo().announcement_ids.filtered(
            lambda item: item.state == "published"
        )
        drafts = self.sudo().announcement_ids.filtered(
            lambda item: item.state == "draft"
        )
        drafts.unlink()
        published._set_state("ended")
        self.env["itsm.major.update"]._record(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": "resolved",
                    "body": ticket.resolution,
                    "to_management": True,
                    "announcement_ids": [
                        fields.Command.set(
                            (ticket.sudo().announcement_ids & published).ids
                        )
                    ],
                }
                for ticket in self
            ]
        )
        self._drop_major_activities()
        for ticket in self.sudo():
            ticket.activity_schedule(
                REVIEW_ACTIVITY,
                date_deadline=fields.Date.context_today(ticket)
                + timedelta(days=REVIEW_DAYS),
                user_id=ticket.major_manager_id.id or self.env.uid,
            )
