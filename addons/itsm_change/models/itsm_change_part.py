from odoo import fields, models


class ItsmChangePart(models.AbstractModel):
    """A line of a change: what an approval of the change covers as well."""

    _name = "itsm.change.part.mixin"
    _description = "Part of a Change"
    _inherit = ["itsm.approval.part.mixin"]

    _part_of = "change_id"

    change_id = fields.Many2one(
        "itsm.change", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="change_id.company_id", store=True)
