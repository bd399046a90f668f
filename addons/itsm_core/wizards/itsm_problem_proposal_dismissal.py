from odoo import fields, models


class ItsmProblemProposalDismissal(models.TransientModel):
    _name = "itsm.problem.proposal.dismissal"
    _description = "Dismiss Proposals of Problems"

    proposal_ids = fields.Many2many("itsm.problem.proposal", string="Proposals")
    reason = fields.Text(required=True)

    def action_apply(self):
        """Dismiss the proposals and keep the reason with each."""
        self.ensure_one()
        self.proposal_ids._dismiss(self.reason)
        return {"type": "ir.actions.act_window_close"}
