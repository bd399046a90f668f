from odoo import models


class ItsmCi(models.Model):
    """What the form of an item shows while it is filled in."""

    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    def onchange(self, values, field_names, fields_spec):
        """Show the attributes of a class as soon as it is chosen.

        Odoo compares values, of which a new item has none, and so would not send what
        attributes there are until the item is saved.
        """
        result = super().onchange(values, field_names, fields_spec)
        if "class_id" in field_names and "properties" in fields_spec:
            # Of an item that is saved, only what was changed comes along.
            if "properties" in values:
                held = values["properties"] or []
            else:
                rows = self.read(["properties"])
                held = rows[0]["properties"] if rows else []
            item = self.new(
                {"class_id": values.get("class_id"), "properties": held}, origin=self
            )
            # The client names the attributes it knows, which are those of the class
            # before; records are told as it expects them in a form.
            shown = {
                definition["name"]: {"fields": {"display_name": {}}}
                if definition["type"] in ("many2one", "many2many")
                else {}
                for definition in item.class_id.ci_properties
            }
            [read] = item.web_read({"properties": {"fields": shown}})
            result.setdefault("value", {})["properties"] = read["properties"]
        return result
