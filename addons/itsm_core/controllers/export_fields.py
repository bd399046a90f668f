"""What the export dialog offers, for those who may read the records."""

from odoo.http import request

from odoo.addons.web.controllers.export import Export


class ExportFields(Export):
    """Attributes of classes are offered to readers of the records alone.

    Core reads their definitions as superuser, for a reader of records may lack access
    to what defines them; so it would tell a customer the classes and attributes.
    """

    def _get_property_fields(self, fields, model, domain=()):
        if not request.env[model].has_access("read"):
            return {}
        return super()._get_property_fields(fields, model, domain=domain)
