from odoo import fields, models


class ItsmAcceptanceRefusal(models.TransientModel):
    """Asks who is named to accept something why they do not."""

    _name = "itsm.acceptance.refusal"
    _description = "Refuse an Acceptance"

    record_ref = fields.Reference(
        [
            ("itsm.release", "Release"),
            ("itsm.transition.plan", "Transition Plan"),
        ],
        string="What Is Refused",
        required=True,
        readonly=True,
    )
    reason = fields.Text(string="What Is Missing", required=True)

    def action_apply(self):
        """Refuse the acceptance for the reason given.

        :raise UserError: unless the current user is named for it and says why
        """
        self.ensure_one()
        self.record_ref._refuse_acceptance(self.reason)
        return {"type": "ir.actions.act_window_close"}
