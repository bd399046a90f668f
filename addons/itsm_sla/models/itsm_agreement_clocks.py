from odoo import fields, models


class ItsmAgreement(models.Model):
    """The clocks that an agreement put on tickets."""

    _name = "itsm.agreement"
    _inherit = ["itsm.agreement"]

    clock_count = fields.Integer(compute="_compute_clock_counts")
    missed_count = fields.Integer(compute="_compute_clock_counts")

    def _compute_clock_counts(self):
        Clock = self.env["itsm.sla.clock"]
        domain = [("agreement_id", "in", self.ids), ("state", "!=", "cancelled")]
        missed = [("is_missed", "=", True)]
        counts, missed_counts = (
            dict(Clock._read_group(found, ["agreement_id"], ["__count"]))
            for found in (domain, domain + missed)
        )
        for agreement in self:
            agreement.clock_count = counts.get(agreement._origin, 0)
            agreement.missed_count = missed_counts.get(agreement._origin, 0)

    def action_recalculate_tickets(self):
        """Preview what this agreement, as it is now, changes on open tickets."""
        self.ensure_one()
        return self.env["itsm.sla.recalculation"]._open(agreement_id=self.id)

    def action_open_clocks(self):
        """Show the clocks that this agreement put on tickets."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_sla_clock_action"
        )
        return {
            **action,
            "domain": [("agreement_id", "=", self.id)],
            "context": {"search_default_counted": 1},
        }
