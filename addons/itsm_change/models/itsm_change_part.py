from odoo import api, fields, models


class ItsmChangePart(models.AbstractModel):
    """A line of a change: what an approval of the change covers as well."""

    _name = "itsm.change.part.mixin"
    _description = "Part of a Change"

    # Fields that may change under an approval.
    _part_free_fields = ()

    change_id = fields.Many2one(
        "itsm.change", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="change_id.company_id", store=True)

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.change_id._approval_content_changes(self._description)
        return parts

    def write(self, vals):
        covered = vals.keys() - set(self._part_free_fields)
        if covered:
            self.change_id._approval_content_changes(self._description)
        result = super().write(vals)
        if "change_id" in vals:
            self.change_id._approval_content_changes(self._description)
        return result

    def unlink(self):
        self.change_id._approval_content_changes(self._description)
        return super().unlink()
