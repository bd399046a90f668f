from odoo import models
from odoo.tools import html2plaintext


class ItsmCi(models.Model):
    """The description in the history of an item, which Odoo cannot track."""

    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    def write(self, vals):
        before = {}
        if "description" in vals:
            before = {ci: ci._get_plain_description() for ci in self}
        result = super().write(vals)
        changed = self.filtered(
            lambda ci: ci in before and ci._get_plain_description() != before[ci]
        )
        changed._log_change(
            {
                ci.id: self.env._(
                    "Description: %(before)s → %(after)s",
                    before=before[ci] or "–",
                    after=ci._get_plain_description() or "–",
                )
                for ci in changed
            }
        )
        return result

    def _get_plain_description(self):
        return html2plaintext(self.description or "").strip()
