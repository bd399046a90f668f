from odoo import fields, models

from ..tools.workflow import Transition


class ItsmCi(models.Model):
    _name = "itsm.ci"
    _description = "Configuration Item"
    _inherit = [
        "itsm.workflow.mixin",
        "itsm.action.source.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "name, id"
    _check_company_auto = True

    _workflow_field = "lifecycle_state"
    _workflow_initial = "planned"
    _workflow_transitions = (
        Transition("planned", "ordered"),
        Transition(("planned", "ordered", "in_use", "in_repair"), "in_stock"),
        Transition(("planned", "ordered", "in_stock", "in_repair"), "in_use"),
        Transition(("in_stock", "in_use"), "in_repair"),
        Transition(
            ("planned", "ordered", "in_stock", "in_use", "in_repair"),
            "retired",
            stamp=("retired_date",),
        ),
        Transition("retired", "in_stock", clear=("retired_date",)),
    )

    name = fields.Char(required=True, index="trigram", tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        help="Empty: shared by all companies.",
    )
    class_id = fields.Many2one(
        "itsm.ci.class",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    lifecycle_state = fields.Selection(
        [
            ("planned", "Planned"),
            ("ordered", "Ordered"),
            ("in_stock", "In Stock"),
            ("in_use", "In Use"),
            ("in_repair", "In Repair"),
            ("retired", "Retired"),
        ],
        string="Lifecycle",
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    environment = fields.Selection(
        [
            ("production", "Production"),
            ("acceptance", "Acceptance"),
            ("test", "Test"),
            ("development", "Development"),
            ("recovery", "Disaster Recovery"),
        ],
        default="production",
        tracking=True,
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain=[("share", "=", False)],
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="The colleague who answers for this item.",
    )
    user_partner_id = fields.Many2one(
        "res.partner",
        string="Used By",
        index="btree_not_null",
        tracking=True,
        help="The person who works with this item.",
    )
    customer_id = fields.Many2one(
        "res.partner",
        index="btree_not_null",
        tracking=True,
        help="The customer whom this item serves. Empty: several or none.",
    )
    supplier_id = fields.Many2one("res.partner", index="btree_not_null", tracking=True)
    location = fields.Char(tracking=True)
    serial_number = fields.Char(index="trigram", copy=False, tracking=True)
    version = fields.Char(tracking=True)
    equipment_id = fields.Many2one(
        "maintenance.equipment",
        copy=False,
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The same item in maintenance, where its preventive maintenance is "
        "planned.",
    )
    purchase_date = fields.Date(copy=False)
    warranty_date = fields.Date(string="Warranty End", copy=False)
    retired_date = fields.Date(readonly=True, copy=False)
    description = fields.Html()
