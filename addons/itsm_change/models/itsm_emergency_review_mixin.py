from odoo import api, fields, models
from odoo.exceptions import UserError


class ItsmEmergencyReviewMixin(models.AbstractModel):
    """Whether an emergency was one: said afterwards, by who had no part in it.

    An adopter names the field that leads to what was the emergency, whose model says in
    ``_check_may_review_emergency`` who may review it, and when::

        _review_of = "change_id"
    """

    _name = "itsm.emergency.review.mixin"
    _description = "Review of an Emergency"
    _inherit = ["itsm.change.fact.mixin"]
    _order = "date desc, id desc"
    _rec_name = "verdict"

    _review_of = None

    verdict = fields.Selection(
        [("justified", "Justified"), ("unjustified", "Not Justified")],
        required=True,
        help="Whether it could not have waited for the usual way.",
    )
    note = fields.Text(
        string="Reasons", required=True, help="What speaks for this verdict."
    )

    @api.model_create_multi
    def create(self, vals_list):
        # sudo: whether it was reviewed does not depend on what the user may read.
        ids = [vals.get(self._review_of) for vals in vals_list]
        for review in self.sudo().search([(self._review_of, "in", ids)], limit=1):
            raise UserError(
                self.env._(
                    "%s was reviewed already.", review[self._review_of].display_name
                )
            )
        return super().create(vals_list)

    def _check_fact(self):
        for review in self:
            review[self._review_of]._check_may_review_emergency()
            if not (review.note or "").strip():
                raise UserError(
                    self.env._("Say in the reasons what speaks for your verdict.")
                )
