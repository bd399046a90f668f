from odoo import models

#: What is recorded of an item, and of a service beside that.
ITEM_FIELDS = (
    "active",
    "asset_tag",
    "class_id",
    "customer_id",
    "environment",
    "equipment_id",
    "lifecycle_state",
    "location",
    "name",
    "owner_id",
    "purchase_date",
    "serial_number",
    "supplier_id",
    "user_partner_id",
    "version",
    "warranty_date",
)
SERVICE_FIELDS = (
    "calendar_id",
    "criticality",
    "customer_ids",
    "is_published",
    "portfolio_state",
    "team_id",
)


class ItsmCi(models.Model):
    _name = "itsm.ci"
    _inherit = ["itsm.ci"]

    def _snapshot(self):
        """Return what there is to know of these items, for ``tools/baseline.py``.

        ``{id: {key: [value, text, label]}}``: fields, the fields of services, values of
        properties, relations (of both items) and redundancy groups.
        """
        snapshot = {ci_id: {} for ci_id in self.ids}
        services = self.with_context(active_test=False).service_ids
        for records, names, key in (
            (self, ITEM_FIELDS, "id"),
            (services, SERVICE_FIELDS, "ci_id"),
        ):
            readers = [
                (name, *make_reader(self.env, records._fields[name])) for name in names
            ]
            for record in records:
                facts = snapshot[int(record[key])]
                for name, label, read in readers:
                    value, text = read(record[name])
                    if value:
                        facts[name] = [value, text, label]
        self._snapshot_properties(snapshot)
        self._snapshot_relations(snapshot)
        label = self.env._("Redundancy")
        for group in self.redundancy_ids:
            snapshot[group.ci_id.id][f"redundancy:{group.name}"] = [
                group.minimum_up,
                f"{group.name}: {group.minimum_up}",
                label,
            ]
        return snapshot

    def _snapshot_properties(self, snapshot):
        for row in self.read(["properties"]):
            facts = snapshot[row["id"]]
            for each in row["properties"]:
                value, text = read_property(each)
                if value:
                    key = f"properties.{each['name']}"
                    facts[key] = [value, text, each["string"]]

    def _snapshot_relations(self, snapshot):
        label = self.env._("Relation")
        relations = self.env["itsm.ci.relation"].search(
            ["|", ("source_id", "in", self.ids), ("target_id", "in", self.ids)]
        )
        for relation in relations:
            kind, group = relation.type_id, relation.redundancy_id
            first, second = relation.source_id, relation.target_id
            for side, words, item, other in (
                (1, kind.name, first, second),
                (2, kind.inverse_name, second, first),
            ):
                if item.id not in snapshot:
                    continue
                text = f"{words} {other.name}"
                if group:
                    text += f" ({group.name})"
                snapshot[item.id][f"relation:{kind.id}:{side}:{other.id}"] = [
                    [kind.id, other.id, group.id, relation.note or ""],
                    text,
                    label,
                ]


def make_reader(env, field):
    """Return the label of a field, and a function from its value to value and text."""
    label = field._description_string(env)
    if field.relational:

        def read(records):
            # sudo: names, of what the reader of the item may know of it.
            names = records.sudo().mapped("display_name")
            return sorted(records.ids), ", ".join(names)

    elif field.type == "selection":
        labels = dict(field._description_selection(env))

        def read(value):
            return value, labels.get(value, "")

    elif field.type == "boolean":

        def read(value):
            return value, env._("Yes") if value else ""

    else:

        def read(value):
            text = str(value or "")
            return text, text

    return label, read


def read_property(each):
    """Return value and text of a property as `read` describes it."""
    value = each.get("value")
    if isinstance(value, list | tuple) and each["type"] == "many2one":
        return value[0], value[1] or ""
    if each["type"] == "selection":
        return value, dict(each.get("selection") or []).get(value, value or "")
    text = "" if value in (None, False) else str(value)
    if each.get("suffix") and text:
        text = f"{text} {each['suffix']}"
    if isinstance(value, bool | int | float):
        return value, text
    return text, text
