from odoo import api, models
from odoo.exceptions import UserError

from ..tools.uninstall import guard_unlink


class ItsmRecordedMixin(models.AbstractModel):
    """Recorded facts: read through the ORM, and written by the model's own SQL.

    Nobody creates, changes or deletes them by any other door, superusers included: no
    call, no import, no button. An adopter says in its own words what they follow from.
    """

    _name = "itsm.recorded.mixin"
    _description = "Recorded Facts"

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse()
        return super().create(vals_list)

    def write(self, vals):
        self._refuse()
        return super().write(vals)

    @guard_unlink
    def _refuse(self):
        """Refuse to change what is recorded.

        :raise UserError: in the words of the model
        """
        raise UserError(self._get_recorded_message())

    def _get_recorded_message(self):
        """Return why these records cannot be changed, in one or two sentences."""
        return self.env._(
            "%(records)s are recorded facts. They cannot be created, changed or "
            "deleted.",
            records=self.env["ir.model"]._get(self._name).name,
        )
