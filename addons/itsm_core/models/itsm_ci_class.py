from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ItsmCiClass(models.Model):
    """A kind of configuration item, with the attributes such items have.

    Classes form a tree. An item has the attributes of its class and of all
    classes above.
    """

    _name = "itsm.ci.class"
    _description = "CI Class"
    _parent_store = True
    _order = "complete_name, id"
    _rec_name = "complete_name"

    name = fields.Char(required=True, translate=True)
    complete_name = fields.Char(
        compute="_compute_complete_name", store=True, recursive=True
    )
    parent_id = fields.Many2one(
        "itsm.ci.class",
        string="Parent Class",
        domain="[('id', '!=', id), ('is_service', '=', is_service)]",
        ondelete="restrict",
        index=True,
    )
    child_ids = fields.One2many("itsm.ci.class", "parent_id", string="Subclasses")
    parent_path = fields.Char(index=True)
    active = fields.Boolean(default=True)
    is_service = fields.Boolean(
        string="Services", help="Items of this class are services."
    )
    icon = fields.Char(
        default="fa-cube", help="Name of a Font Awesome 4.7 icon, such as fa-server."
    )
    description = fields.Text(translate=True)
    attribute_ids = fields.One2many(
        "itsm.ci.attribute", "class_id", string="Attributes"
    )
    inherited_attribute_ids = fields.Many2many(
        "itsm.ci.attribute", compute="_compute_inherited_attribute_ids", recursive=True
    )
    ci_properties = fields.PropertiesDefinition(
        string="Definition of Attributes",
        compute="_compute_ci_properties",
        inverse="_inverse_ci_properties",
        store=True,
        recursive=True,
        copy=False,
    )
    ci_count = fields.Integer(string="Items", compute="_compute_ci_count")

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for ci_class in self:
            names = [ci_class.parent_id.complete_name, ci_class.name]
            ci_class.complete_name = " / ".join(filter(None, names))

    @api.depends("parent_id.attribute_ids", "parent_id.inherited_attribute_ids")
    def _compute_inherited_attribute_ids(self):
        for ci_class in self:
            parent = ci_class.parent_id
            ci_class.inherited_attribute_ids = (
                parent.inherited_attribute_ids | parent.attribute_ids
            )

    @api.depends(
        "parent_id.ci_properties",
        "attribute_ids.attribute_type",
        "attribute_ids.comodel",
        "attribute_ids.key",
        "attribute_ids.name",
        "attribute_ids.options",
        "attribute_ids.sequence",
        "attribute_ids.suffix",
    )
    def _compute_ci_properties(self):
        for ci_class in self:
            own = ci_class.attribute_ids.sorted(lambda a: (a.sequence, a.id or 0))
            ci_class.ci_properties = [
                *(ci_class.parent_id.ci_properties or []),
                *(attribute._prepare_definition() for attribute in own),
            ]

    def _inverse_ci_properties(self):
        raise UserError(self._definition_message())

    @api.model
    def _definition_message(self):
        # An item cannot know to which class of the tree a definition belongs.
        return self.env._(
            "Attributes are defined on classes. Change them under Configuration, "
            "CI Classes."
        )

    def _compute_ci_count(self):
        counts = self.env["itsm.ci"]._read_group(
            [("class_id", "child_of", self.ids)], ["class_id"], ["__count"]
        )
        for ci_class in self:
            ci_class.ci_count = sum(
                count
                for other, count in counts
                if other.parent_path.startswith(ci_class.parent_path or "-")
            )

    @api.constrains("parent_id")
    def _check_parent_id(self):
        self.search([("id", "child_of", self.ids)]).attribute_ids._check_key()

    @api.constrains("parent_id", "is_service")
    def _check_is_service(self):
        for ci_class in self:
            family = ci_class.parent_id | ci_class.child_ids
            if any(other.is_service != ci_class.is_service for other in family):
                raise ValidationError(
                    self.env._(
                        "Classes of services and of other items cannot be mixed in "
                        "one branch: see “%(name)s”.",
                        name=ci_class.complete_name,
                    )
                )

    def write(self, vals):
        if vals.get("parent_id"):
            above = self.browse(vals["parent_id"]).parent_path.split("/")
            if any(str(ci_class.id) in above for ci_class in self):
                raise UserError(
                    self.env._("A class cannot be below itself. Choose another parent.")
                )
        if "is_service" in vals:
            changed = self.filtered(lambda c: c.is_service != vals["is_service"])
            if changed and self.env["itsm.ci"].sudo().with_context(
                active_test=False
            ).search_count([("class_id", "in", changed.ids)], limit=1):
                raise UserError(
                    self.env._(
                        "“%(name)s” has items already, so what they are cannot change "
                        "any more.",
                        name=changed[0].complete_name,
                    )
                )
        return super().write(vals)

    def action_open_cis(self):
        """Open the items of the class and of its subclasses."""
        self.ensure_one()
        xmlid = "itsm_service_action" if self.is_service else "itsm_ci_action"
        action = self.env["ir.actions.act_window"]._for_xml_id(f"itsm_core.{xmlid}")
        return {
            **action,
            "name": self.complete_name,
            "context": {"default_class_id": self.id},
            "domain": [("class_id", "child_of", self.ids)],
        }
