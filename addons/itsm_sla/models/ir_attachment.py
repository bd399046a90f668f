from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.itsm_core.tools.uninstall import guard_unlink

from .itsm_service_report_issue import KEY_NAME, MAKING

ISSUE = "itsm.service.report.issue"


class IrAttachment(models.Model):
    """The files of an issue of a service report are as frozen as the issue."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("res_model") == ISSUE for vals in vals_list):
            self._check_report_key()
        return super().create(vals_list)

    def write(self, vals):
        frozen = self._filter_report_files()
        if frozen and vals.keys() == {"thumbnail"}:
            # Browsers offer a picture of a PDF that they show: politely declined.
            self -= frozen
        elif frozen or vals.get("res_model") == ISSUE:
            self._check_report_key(vals)
        return super().write(vals)

    @guard_unlink
    def _unlink_except_report_files(self):
        if self._filter_report_files():
            self._refuse_report_file()

    def _filter_report_files(self):
        # sudo: asked of each file, whoever may read it.
        return self.sudo().filtered(lambda file: file.res_model == ISSUE)

    def _check_report_key(self, vals=None):
        if self.env.context.get(KEY_NAME) is MAKING:
            return
        # Moving files to another storage writes what is there.
        if (
            vals
            and vals.keys() <= {"raw", "mimetype"}
            and all(file.raw == vals.get("raw") for file in self)
        ):
            return
        self._refuse_report_file()

    def _refuse_report_file(self):
        raise UserError(
            self.env._(
                "The files of an issue of a service report are made with it and stay "
                "as they are. They cannot be added, replaced or deleted."
            )
        )
