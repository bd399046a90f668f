from odoo import api, models


class ItsmApprovalPart(models.AbstractModel):
    """A line of what has to be approved: the approval covers the line as well.

    An adopter names the field that leads to the record it is a line of::

        _part_of = "change_id"
        _part_free_fields = ("note",)
    """

    _name = "itsm.approval.part.mixin"
    _description = "Line of What Is Approved"

    # Field of the record, whose model is an ``itsm.approval.mixin``.
    _part_of = None
    # Fields that the approval does not cover.
    _part_free_fields = ()

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._tell_content_changes()
        return parts

    def write(self, vals):
        if vals.keys() - set(self._part_free_fields):
            self._tell_content_changes()
        self._check_part_open()
        result = super().write(vals)
        if self._part_of in vals:
            # The record that gets the line is another one by now.
            self._tell_content_changes()
        return result

    def unlink(self):
        self._tell_content_changes()
        return super().unlink()

    def _check_part_open(self):
        """Raise a ``UserError`` where lines stay as they are, free fields included."""

    def _tell_content_changes(self):
        self[self._part_of]._approval_content_changes(self._description)
