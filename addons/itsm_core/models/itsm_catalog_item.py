from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.uninstall import guard_unlink


class ItsmCatalogItem(models.Model):
    """Something that can be requested: what it is, what is asked, who sees to it."""

    _name = "itsm.catalog.item"
    _description = "Catalogue Item"
    _inherit = ["itsm.shared.policy.mixin", "image.mixin"]
    _order = "category_sequence, category_id, sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    category_id = fields.Many2one(
        "itsm.catalog.category", required=True, ondelete="restrict", index=True
    )
    category_sequence = fields.Integer(related="category_id.sequence", store=True)
    category_icon = fields.Char(related="category_id.icon")
    summary = fields.Char(
        translate=True, help="One line below the name, in the words of customers."
    )
    description = fields.Html(
        translate=True, help="What one gets, and what one should know before."
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: requested in all companies.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    price = fields.Monetary(help="What it costs whom it is for. 0: not shown.")
    expected_days = fields.Integer(
        string="Usually Takes",
        help="Working days from the approval, or from the request where it needs "
        "none, until it is there. 0: not shown.",
    )
    is_published = fields.Boolean(
        string="Offered",
        copy=False,
        help="Shown in the catalogue, to those who may see it.",
    )
    customer_ids = fields.Many2many(
        "res.partner",
        "itsm_catalog_item_customer_rel",
        "item_id",
        "partner_id",
        string="For Customers",
        domain=[("is_itsm_customer", "=", True)],
        help="Empty: for all.",
    )
    group_ids = fields.Many2many(
        "res.groups",
        "itsm_catalog_item_group_rel",
        "item_id",
        "group_id",
        string="For Groups",
        help="Only for users of one of these groups. Empty: for all.",
    )
    service_id = fields.Many2one(
        "itsm.service", ondelete="restrict", index="btree_not_null", check_company=True
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Fulfilment Team",
        ondelete="restrict",
        check_company=True,
    )
    owner_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="Who answers for the item. Approval rules can name the owner.",
    )
    approval_ids = fields.Many2many(
        "tier.definition",
        "itsm_catalog_item_approval_rel",
        "item_id",
        "definition_id",
        string="Approvals",
        # Deleting a rule must not leave an item that nobody approves.
        ondelete="restrict",
        domain=[("model", "=", "itsm.catalog.order")],
        context={"active_test": False},
        help="Who has to approve a request before anybody works on it. Empty: no "
        "approval is needed.",
    )
    question_ids = fields.One2many(
        "itsm.catalog.question", "item_id", string="Form", copy=True
    )
    form_definition = fields.PropertiesDefinition(
        string="Definition of the Form",
        compute="_compute_form_definition",
        inverse="_inverse_form_definition",
        store=True,
        copy=False,
    )
    step_ids = fields.One2many(
        "itsm.catalog.step", "item_id", string="Checklist", copy=True
    )

    _amounts = models.Constraint(
        "CHECK (price >= 0 AND expected_days >= 0)",
        "Price and time of an item are 0 or more.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for item in self:
            item.currency_id = (item.company_id or self.env.company).currency_id

    @api.depends(
        "question_ids.attribute_type",
        "question_ids.comodel",
        "question_ids.key",
        "question_ids.name",
        "question_ids.options",
        "question_ids.sequence",
    )
    def _compute_form_definition(self):
        for item in self:
            questions = item.question_ids.sorted(lambda q: (q.sequence, q.id or 0))
            item.form_definition = [
                question._prepare_definition() for question in questions
            ]

    def _inverse_form_definition(self):
        raise UserError(
            self.env._("The form is made of questions. Change them on the item.")
        )

    @api.constrains("approval_ids")
    def _check_approvals(self):
        # sudo: of which model a rule is, is all that is asked.
        for definition in self.sudo().approval_ids:
            if definition.model != "itsm.catalog.order":
                raise ValidationError(
                    self.env._(
                        "“%(rule)s” is not a rule for requests of the catalogue. "
                        "Choose another one.",
                        rule=definition.name,
                    )
                )

    @guard_unlink
    def _unlink_except_ordered(self):
        order = (
            self.env["itsm.catalog.order"]
            # sudo: a request that the user may not see keeps its item all the same.
            .sudo()
            .search([("item_id", "in", self.ids)], limit=1)
        )
        if order:
            raise UserError(
                self.env._(
                    "“%(item)s” was requested already and cannot be deleted. Archive "
                    "it, or offer it no more.",
                    item=order.item_id.name,
                )
            )

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for item, vals in zip(self, vals_list, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%s (copy)", item.name)
        return vals_list
