from odoo import fields, models


class ItsmImportWizardColumn(models.TransientModel):
    _name = "itsm.import.wizard.column"
    _inherit = "itsm.import.column.mixin"
    _description = "Column of an Import Wizard"
    _order = "id"

    wizard_id = fields.Many2one(
        "itsm.import.wizard", required=True, ondelete="cascade", index=True
    )
    sample = fields.Char(readonly=True)


class ItsmImportWizardValue(models.TransientModel):
    _name = "itsm.import.wizard.value"
    _inherit = "itsm.import.value.mixin"
    _description = "Value of an Import Wizard"
    _order = "id"

    wizard_id = fields.Many2one(
        "itsm.import.wizard", required=True, ondelete="cascade", index=True
    )
    rows = fields.Integer(readonly=True)
