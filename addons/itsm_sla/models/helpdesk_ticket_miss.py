from odoo import fields, models

READERS = "helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor"


class HelpdeskTicket(models.Model):
    """Missed targets of a ticket, and whether somebody has said why."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    sla_miss_count = fields.Integer(
        string="Missed Targets", compute="_compute_sla_miss_counts", groups=READERS
    )
    sla_unexplained_count = fields.Integer(
        string="Misses Without Reason",
        compute="_compute_sla_miss_counts",
        groups=READERS,
    )

    def _compute_sla_miss_counts(self):
        # sudo: counts of this ticket only, whose clocks its readers are shown too.
        rows = (
            self.env["itsm.sla.attainment"]
            .sudo()
            ._read_group(
                [("ticket_id", "in", self._origin.ids), ("is_missed", "=", True)],
                ["ticket_id"],
                ["__count", "reason_id:count"],
            )
        )
        counts = {ticket.id: (total, said) for ticket, total, said in rows}
        for ticket in self:
            total, said = counts.get(ticket._origin.id, (0, 0))
            ticket.sla_miss_count = total
            ticket.sla_unexplained_count = total - said

    def action_explain_misses(self):
        """Open the one miss that waits for a reason, or the list of all."""
        self.ensure_one()
        missed = self.env["itsm.sla.attainment"].search(
            [("ticket_id", "=", self.id), ("is_missed", "=", True)]
        )
        unexplained = missed.filtered(lambda row: not row.reason_id)
        if len(unexplained) == 1:
            return unexplained.action_explain()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_sla_miss_action"
        )
        return {
            **action,
            "domain": [("ticket_id", "=", self.id), ("is_missed", "=", True)],
            "context": {},
        }
