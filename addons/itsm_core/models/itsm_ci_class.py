from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ItsmCiClass(models.Model):
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

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for ci_class in self:
            names = [ci_class.parent_id.complete_name, ci_class.name]
            ci_class.complete_name = " / ".join(filter(None, names))

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A class cannot be below itself. Choose another parent.")
            )

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
