from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .itsm_impact_stamp import merge_stamps, stamp_relations

#: Relations that one note in the history of an item names.
NAMED = 50


class ItsmCiRelation(models.Model):
    """One fact of the configuration: "Freight ERP runs on erp-app-01"."""

    _name = "itsm.ci.relation"
    _description = "CI Relation"
    _order = "source_id, type_id, target_id, id"

    source_id = fields.Many2one(
        "itsm.ci", string="First Item", required=True, ondelete="restrict", index=True
    )
    type_id = fields.Many2one(
        "itsm.ci.relation.type",
        string="Relation",
        required=True,
        ondelete="restrict",
        index=True,
    )
    target_id = fields.Many2one(
        "itsm.ci", string="Second Item", required=True, ondelete="restrict", index=True
    )
    source_class_id = fields.Many2one(
        related="source_id.class_id", string="First Class"
    )
    target_class_id = fields.Many2one(
        related="target_id.class_id", string="Second Class"
    )
    source_lifecycle_state = fields.Selection(
        related="source_id.lifecycle_state", string="Lifecycle of First"
    )
    target_lifecycle_state = fields.Selection(
        related="target_id.lifecycle_state", string="Lifecycle of Second"
    )
    redundancy_id = fields.Many2one(
        "itsm.ci.redundancy",
        string="Redundancy Group",
        ondelete="set null",
        index="btree_not_null",
        help="Where the item that depends needs some of several only. Empty: what the "
        "type of relation says.",
    )
    note = fields.Char()

    _relation_uniq = models.Constraint(
        "UNIQUE(source_id, target_id, type_id)", "This relation is recorded already."
    )
    _no_self_relation = models.Constraint(
        "CHECK(source_id <> target_id)", "An item cannot have a relation to itself."
    )

    def init(self):
        result = super().init()
        stamp_relations(self.env)
        return result

    @api.autovacuum
    def _gc_stamps(self):
        merge_stamps(self.env)

    @api.depends("source_id.name", "type_id.name", "target_id.name")
    def _compute_display_name(self):
        for relation in self:
            relation.display_name = " ".join(
                filter(
                    None,
                    (
                        relation.source_id.name,
                        relation.type_id.name,
                        relation.target_id.name,
                    ),
                )
            )

    @api.constrains("source_id", "target_id")
    def _check_companies(self):
        for relation in self:
            companies = relation.source_id.company_id | relation.target_id.company_id
            if len(companies) > 1:
                raise ValidationError(
                    self.env._(
                        "“%(relation)s”: the items belong to different companies. "
                        "Share one of them, by leaving its company empty.",
                        relation=relation.display_name,
                    )
                )

    @api.constrains("source_id", "target_id", "type_id")
    def _check_mirrored(self):
        types = self.type_id._symmetric()
        if not types:
            return
        symmetric = self.filtered(lambda relation: relation.type_id in types)
        pairs = {
            (other.target_id, other.source_id, other.type_id)
            for other in self.search(
                [
                    ("type_id", "in", types.ids),
                    ("source_id", "in", symmetric.target_id.ids),
                    ("target_id", "in", symmetric.source_id.ids),
                ]
            )
        }
        for relation in symmetric:
            if (relation.source_id, relation.target_id, relation.type_id) in pairs:
                raise ValidationError(
                    self.env._(
                        "“%(relation)s” is recorded already, from the other side.",
                        relation=relation.display_name,
                    )
                )

    @api.constrains("source_id", "target_id", "type_id", "redundancy_id")
    def _check_redundancy(self):
        for relation in self:
            group = relation.redundancy_id
            if group and group.ci_id not in relation._dependents():
                raise ValidationError(
                    self.env._(
                        "“%(relation)s” cannot belong to the redundancy group "
                        "“%(group)s” of “%(item)s”, which does not depend on "
                        "anything by it.",
                        relation=relation.display_name,
                        group=group.name,
                        item=group.ci_id.name,
                    )
                )

    def _dependents(self):
        """Return the items that a fault of the other end affects."""
        self.ensure_one()
        ends = {
            "backward": self.source_id,
            "forward": self.target_id,
            "both": self.source_id | self.target_id,
        }
        return ends.get(self.type_id.impact, self.env["itsm.ci"])

    # Both items remember what was related to them

    @api.model_create_multi
    def create(self, vals_list):
        relations = super().create(vals_list)
        relations._log_on_items(self.env._("Relation added"))
        return relations

    def write(self, vals):
        is_other = not {"source_id", "target_id", "type_id"}.isdisjoint(vals)
        before = {}
        if is_other:
            self._log_on_items(self.env._("Relation removed"))
        elif not {"note", "redundancy_id"}.isdisjoint(vals):
            before = {relation: relation._describe_details() for relation in self}
        result = super().write(vals)
        if is_other:
            self._log_on_items(self.env._("Relation added"))
        changes = {}
        for relation, old in before.items():
            new = relation._describe_details()
            changes[relation] = "; ".join(
                f"{label}: {old[label] or '–'} → {value or '–'}"
                for label, value in new.items()
                if value != old[label]
            )
        changed = self.filtered(changes.get)
        changed._log_on_items(self.env._("Relation changed"), changes)
        return result

    def _describe_details(self):
        """Return ``{label: value}`` of what a relation tells beside its sentence."""
        return {
            self.env._("Redundancy Group"): self.redundancy_id.name,
            self.env._("Note"): self.note,
        }

    def unlink(self):
        self._log_on_items(self.env._("Relation removed"))
        return super().unlink()

    def _log_on_items(self, what, details=None):
        texts = {}
        for relation in self:
            text = relation.display_name
            if details:
                text += f" ({details[relation]})"
            for ci in relation.source_id | relation.target_id:
                texts.setdefault(ci.id, []).append(text)
        self.env["itsm.ci"].browse(texts)._log_change(
            {ci_id: f"{what}: {self._join(names)}" for ci_id, names in texts.items()}
        )

    @api.model
    def _join(self, names):
        """Return names as a text; a hub may get thousands of relations at once."""
        if len(names) <= NAMED:
            return ", ".join(names)
        return self.env._(
            "%(names)s and %(count)s more",
            names=", ".join(names[:NAMED]),
            count=len(names) - NAMED,
        )
