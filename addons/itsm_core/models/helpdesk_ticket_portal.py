from odoo import models

#: Colour of a ticket's state on the portal; the words are in ``_get_portal_state``.
STATE_TONES = {
    "new": "light",
    "open": "primary",
    "pending": "light",
    "resolved": "success",
    "closed": "dark",
    "cancelled": "dark",
}
PRIORITY_TONES = {"3": "danger", "2": "warning", "1": "info", "0": "muted"}


class HelpdeskTicket(models.Model):
    """What customers are told about a ticket, and what they may do to it.

    Read in superuser mode by pages that have checked the right to see the ticket.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def _get_portal_state(self):
        """Return the label and colour of where the ticket stands, for customers."""
        self.ensure_one()
        tone = STATE_TONES[self.itsm_state]
        if self.itsm_state == "pending":
            if self.pending_reason == "customer":
                tone = "warning"
            return self._get_portal_pending_labels()[self.pending_reason], tone
        return self._get_portal_state_labels()[self.itsm_state], tone

    def _get_portal_state_labels(self):
        return {
            "new": self.env._("Received"),
            "open": self.env._("In progress"),
            "pending": self.env._("Waiting"),
            "resolved": self.env._("Resolved"),
            "closed": self.env._("Closed"),
            "cancelled": self.env._("Cancelled"),
        }

    def _get_portal_pending_labels(self):
        return {
            False: self.env._("Waiting"),
            "customer": self.env._("Waiting for you"),
            "supplier": self.env._("Waiting for a supplier"),
            "change": self.env._("Waiting for a planned change"),
            "approval": self.env._("Waiting for approval"),
            "planned": self.env._("Planned for later"),
        }

    def _get_portal_steps(self):
        """Return the line of progress: pairs of label and done, current or todo."""
        self.ensure_one()
        labels = self._get_portal_state_labels()
        if self.itsm_state == "cancelled":
            return [(labels["new"], "done"), (labels["cancelled"], "current")]
        names = [labels[state] for state in ("new", "open", "resolved", "closed")]
        if self.itsm_state == "closed":
            return [(name, "done") for name in names]
        place = {"new": 0, "open": 1, "pending": 1, "resolved": 2}[self.itsm_state]
        if self.itsm_state == "pending":
            names[place], _tone = self._get_portal_state()
        return [
            *((name, "done") for name in names[:place]),
            (names[place], "current"),
            *((name, "todo") for name in names[place + 1 :]),
        ]

    def _get_portal_priority(self):
        """Return the label and colour of the priority."""
        self.ensure_one()
        labels = dict(self._fields["priority"]._description_selection(self.env))
        return labels.get(self.priority), PRIORITY_TONES.get(self.priority)

    def _get_portal_service_name(self):
        """Return the service's name where customers may know it."""
        self.ensure_one()
        return self.service_id.is_published and self.service_id.display_name

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    def _get_portal_files(self):
        """Return the files of the description and of public messages.

        Not those of internal notes, nor what agents keep on the ticket without
        having sent it.
        """
        self.ensure_one()
        of_ticket = [("model", "=", self._name), ("res_id", "=", self.id)]
        messages = self.env["mail.message"].search(of_ticket)
        public = messages.filtered(
            lambda message: (
                not message.is_internal
                and message.subtype_id
                and not message.subtype_id.internal
            )
        )
        loose = self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", self.id),
                ("id", "not in", messages.attachment_ids.ids),
                ("create_uid.share", "=", True),
            ]
        )
        return (loose | public.attachment_ids).sorted("id")

    # ------------------------------------------------------------------
    # Moves
    # ------------------------------------------------------------------

    def _get_portal_close_stages(self):
        """Return the stages that end the ticket and that customers may choose."""
        self.ensure_one()
        if self.itsm_state in ("closed", "cancelled"):
            return self.env["helpdesk.ticket.stage"]
        return self.env["helpdesk.ticket.stage"].search(
            [
                ("close_from_portal", "=", True),
                ("itsm_state", "in", ("closed", "cancelled")),
                ("company_id", "in", [False, self.company_id.id]),
                "|",
                ("team_ids", "=", False),
                ("team_ids", "in", self.team_id.ids),
            ]
        )

    def _portal_close(self, stage):
        """End a ticket as its customer asks, with the resolution that gates want.

        :param stage: one of ``_get_portal_close_stages``
        :raise UserError: where a gate of the desk is not met
        """
        self.ensure_one()
        values = {"stage_id": stage.id}
        if stage.itsm_state == "closed":
            if not self.resolution_code_id:
                values["resolution_code_id"] = self._get_portal_resolution_code().id
            if not (self.resolution or "").strip():
                values["resolution"] = self.env._("Closed by the customer.")
        self.write(values)

    def _get_portal_resolution_code(self):
        """Return "Closed by customer", or the first code where that one is gone."""
        codes = self.env["itsm.resolution.code"]
        code = self.env.ref("itsm_core.resolution_by_customer", False) or codes
        return code.filtered("active") or codes.search(
            [("company_id", "in", [False, self.company_id.id])], limit=1
        )

    def _portal_reopen(self, reason, author):
        """Take a resolved ticket up again and keep why, in the customer's words.

        :param reason: ``Markup`` with what is still wrong
        :param author: ``res.partner`` who says so
        """
        self.ensure_one()
        self._itsm_move("open")
        self.message_post(
            body=reason,
            author_id=author.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
