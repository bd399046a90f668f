from odoo import fields, models


class DocumentPageHistory(models.Model):
    """Versions of pages, without what a browser would run."""

    _name = "document.page.history"
    _inherit = ["document.page.history"]

    content = fields.Html(sanitize=True, sanitize_overridable=False)
