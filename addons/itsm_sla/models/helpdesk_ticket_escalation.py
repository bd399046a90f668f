from odoo import fields, models

#: Fields of a ticket, beside those that clocks depend on, by which it is escalated.
ESCALATION_FIELDS = ("active", "is_history")


class HelpdeskTicket(models.Model):
    """Which rules have acted on a ticket."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    escalation_count = fields.Integer(
        compute="_compute_escalation_count",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )

    def _compute_escalation_count(self):
        counts = dict(
            self.env["itsm.escalation"]._read_group(
                [("ticket_id", "in", self.ids)], ["ticket_id"], ["__count"]
            )
        )
        for ticket in self:
            ticket.escalation_count = counts.get(ticket._origin, 0)

    def action_view_escalations(self):
        """Show what rules did about this ticket."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_escalation_action"
        )
        return {**action, "domain": [("ticket_id", "=", self.id)], "context": {}}

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        self.env["itsm.sla.clock"]._mark(
            ticket.id
            for ticket, vals in zip(self, vals_list, strict=True)
            if not vals.keys().isdisjoint(ESCALATION_FIELDS)
        )
        return result

    def _get_mail_template(self, name):
        if name != "sla_warning":
            return super()._get_mail_template(name)
        template = self.env.ref(
            "itsm_sla.mail_template_sla_warning", raise_if_not_found=False
        )
        template = template or self.env["mail.template"]
        return template.sudo().filtered("active")

    def get_warned_due(self):
        """Return until when the customer was promised what may be missed."""
        self.ensure_one()
        dues = self.env.context.get("itsm_warned_dues") or {}
        return dues.get(self.id) or self.due_date
