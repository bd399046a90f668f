from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ItsmChangeEffect(models.Model):
    """What an item is to be like once a change is done."""

    _name = "itsm.change.effect"
    _description = "Planned Value"
    _inherit = ["itsm.change.part.mixin"]
    _order = "change_id, ci_id, id"
    _check_company_auto = True

    _part_free_fields = ("is_wanted", "applied_date", "applied_by_id", "old_value")

    ci_id = fields.Many2one(
        "itsm.ci",
        string="Configuration Item",
        required=True,
        ondelete="restrict",
        index=True,
        domain=[("is_service", "=", False)],
        check_company=True,
    )
    kind = fields.Selection(
        [
            ("version", "Version"),
            ("location", "Location"),
            ("lifecycle", "Lifecycle"),
            ("add_relation", "Add a Relation"),
            ("remove_relation", "Remove a Relation"),
        ],
        string="What",
        required=True,
        default="version",
    )
    text = fields.Char(string="New Value")
    lifecycle_state = fields.Selection(
        selection=lambda self: (
            self.env["itsm.ci"]
            ._fields["lifecycle_state"]
            ._description_selection(self.env)
        ),
        string="New Lifecycle",
    )
    type_id = fields.Many2one(
        "itsm.ci.relation.type", string="Relation", ondelete="restrict"
    )
    target_id = fields.Many2one(
        "itsm.ci", string="To", ondelete="restrict", check_company=True
    )
    is_wanted = fields.Boolean(
        string="Write",
        default=True,
        copy=False,
        help="Untick what was not carried out: it is not written to the item.",
    )
    applied_date = fields.Datetime(string="Written On", readonly=True, copy=False)
    applied_by_id = fields.Many2one(
        "res.users", string="Written By", readonly=True, copy=False
    )
    old_value = fields.Char(string="Was", readonly=True, copy=False)
    summary = fields.Char(compute="_compute_summary")

    @api.depends("kind", "text", "lifecycle_state", "type_id", "target_id")
    def _compute_summary(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        states = dict(self._fields["lifecycle_state"]._description_selection(self.env))
        for effect in self:
            if effect.kind == "lifecycle":
                value = states.get(effect.lifecycle_state, "")
            elif effect.kind in ("add_relation", "remove_relation"):
                names = effect.type_id.name, effect.target_id.name
                value = " ".join(filter(None, names))
            else:
                value = effect.text or ""
            effect.summary = f"{kinds.get(effect.kind, '')}: {value}"

    @api.depends("ci_id", "summary")
    def _compute_display_name(self):
        for effect in self:
            effect.display_name = f"{effect.ci_id.name} · {effect.summary}"

    @api.constrains(
        "change_id", "ci_id", "kind", "text", "lifecycle_state", "type_id", "target_id"
    )
    def _check_complete(self):
        for effect in self:
            if effect.kind in ("version", "location"):
                complete = (effect.text or "").strip()
            elif effect.kind == "lifecycle":
                complete = effect.lifecycle_state
            else:
                complete = effect.type_id and effect.target_id
            if not complete:
                raise ValidationError(
                    self.env._(
                        "Say what “%(item)s” is to be like after the change.",
                        item=effect.ci_id.name,
                    )
                )
            if effect.ci_id not in effect.change_id.ci_ids:
                raise ValidationError(
                    self.env._(
                        "“%(item)s” gets a new value, so it has to be among the items "
                        "that the change touches.",
                        item=effect.ci_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        written = dict.fromkeys(("applied_date", "applied_by_id", "old_value"), False)
        return super().create([{**vals, **written} for vals in vals_list])

    def write(self, vals):
        written = {"applied_date", "applied_by_id", "old_value"} & vals.keys()
        if written and self.env.context.get(_KEY_NAME) is not _KEY:
            raise UserError(
                self.env._("What was written to items, and when, cannot be set.")
            )
        if "is_wanted" in vals and self.filtered("applied_date"):
            raise UserError(
                self.env._("What has been written to the item is a fact by now.")
            )
        traced = self.with_context(**{_KEY_NAME: None})
        return super(ItsmChangeEffect, traced).write(vals)

    # ------------------------------------------------------------------
    # Writing to the items
    # ------------------------------------------------------------------

    def _apply(self):
        """Write the wanted values to the items, each noted in the item's history.

        :raise UserError: where an item does not take its value; nothing is written
        """
        now = fields.Datetime.now()
        for effect in self.filtered(lambda e: e.is_wanted and not e.applied_date):
            old = effect._apply_one()
            effect.with_context(**{_KEY_NAME: _KEY}).write(
                {
                    "old_value": old,
                    "applied_date": now,
                    "applied_by_id": self.env.uid,
                }
            )

    def _apply_one(self):
        """Write one value, and return what was there before, as text."""
        # sudo: the approval of the change covers this value of this item, whatever
        # else the implementer may do in the configuration.
        item = self.ci_id.sudo()
        if self.kind == "lifecycle":
            states = dict(
                item._fields["lifecycle_state"]._description_selection(self.env)
            )
            old = states.get(item.lifecycle_state)
            item._set_state(self.lifecycle_state)
            return old
        if self.kind in ("version", "location"):
            old = item[self.kind]
            item[self.kind] = self.text
            return old
        Relation = self.env["itsm.ci.relation"].sudo()
        values = {
            "source_id": item.id,
            "type_id": self.type_id.id,
            "target_id": self.target_id.id,
        }
        found = Relation.search([(name, "=", key) for name, key in values.items()])
        if self.kind == "add_relation":
            if not found:
                Relation.create(values)
            return False
        found.unlink()
        return self.summary


class ItsmChange(models.Model):
    """The items of a change are those that get its planned values, and more."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    @api.constrains("ci_ids")
    def _check_effect_items(self):
        for change in self:
            left = change.effect_ids.ci_id - change.ci_ids
            if left:
                raise ValidationError(
                    self.env._(
                        "%(items)s: planned to get new values. Remove these first, or "
                        "keep them among the changed items.",
                        items=", ".join(left.mapped("name")),
                    )
                )


# An object that no client can send: who holds it records what was written.
_KEY = object()
_KEY_NAME = "itsm_change_effect_key"
