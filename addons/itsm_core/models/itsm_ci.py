from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.workflow import Transition
from .helpdesk_ticket_stage import UNFINISHED_STATES
from .itsm_impact_stamp import stamp_states

# The key by which a service creates its own item. See itsm_workflow_mixin.
SERVICE_KEY = object()
SERVICE_KEY_NAME = "itsm_service_key"

IDENTITY_FIELDS = (
    "asset_tag",
    "class_id",
    "company_id",
    "customer_id",
    "environment",
    "equipment_id",
    "location",
    "name",
    "owner_id",
    "properties",
    "purchase_cost",
    "purchase_date",
    "serial_number",
    "supplier_id",
    "user_partner_id",
    "version",
    "warranty_date",
)


class ItsmCi(models.Model):
    """Whatever a service depends on and that is kept under control."""

    _name = "itsm.ci"
    _description = "Configuration Item"
    _inherit = [
        "itsm.workflow.mixin",
        "itsm.kept.mixin",
        "itsm.action.source.mixin",
        "itsm.attribute.history.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "name, id"
    _rec_names_search = ["name", "serial_number", "asset_tag"]
    _check_company_auto = True

    _kept_parts = ("itsm.ci.redundancy", "itsm.ci.use")
    _workflow_field = "lifecycle_state"
    _workflow_initial = "planned"
    _workflow_transitions = (
        Transition("planned", "ordered"),
        Transition(("planned", "ordered"), "in_stock"),
        # What comes back, or is retired, is used by nobody any more.
        Transition(("in_use", "in_repair"), "in_stock", clear=("user_partner_id",)),
        Transition(("planned", "ordered", "in_stock", "in_repair"), "in_use"),
        Transition(("in_stock", "in_use"), "in_repair"),
        Transition(
            ("planned", "ordered", "in_stock", "in_use", "in_repair"),
            "retired",
            stamp=("retired_date",),
            clear=("user_partner_id",),
        ),
        Transition("retired", "in_stock", clear=("retired_date", "user_partner_id")),
    )
    _workflow_locked_fields = {"retired": IDENTITY_FIELDS}

    name = fields.Char(required=True, index="trigram", tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        tracking=True,
        help="Empty: shared by all companies.",
    )
    class_id = fields.Many2one(
        "itsm.ci.class",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    is_service = fields.Boolean(related="class_id.is_service")
    class_icon = fields.Char(related="class_id.icon", string="Icon of the Class")
    service_ids = fields.One2many("itsm.service", "ci_id")
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
        group_expand=True,
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
        domain=[("is_itsm_customer", "=", True)],
        index="btree_not_null",
        tracking=True,
        help="The customer whom this item serves. Empty: several or none.",
    )
    supplier_id = fields.Many2one("res.partner", index="btree_not_null", tracking=True)
    location = fields.Char(tracking=True)
    serial_number = fields.Char(index="trigram", copy=False, tracking=True)
    asset_tag = fields.Char(
        index="trigram",
        copy=False,
        tracking=True,
        help="The number on the label that you have stuck on it.",
    )
    version = fields.Char(tracking=True)
    equipment_id = fields.Many2one(
        "maintenance.equipment",
        copy=False,
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="The same item in maintenance, where its preventive maintenance is "
        "planned.",
    )
    purchase_date = fields.Date(copy=False, tracking=True)
    warranty_date = fields.Date(string="Warranty End", copy=False, tracking=True)
    retired_date = fields.Date(readonly=True, copy=False)
    description = fields.Html()
    properties = fields.Properties(
        string="Attributes", definition="class_id.ci_properties", copy=True
    )
    relation_ids = fields.One2many(
        "itsm.ci.relation", "source_id", string="Relations", copy=False
    )
    inverse_relation_ids = fields.One2many(
        "itsm.ci.relation", "target_id", string="Relations from Others", copy=False
    )
    redundancy_ids = fields.One2many(
        "itsm.ci.redundancy", "ci_id", string="Redundancy Groups", copy=False
    )
    ticket_count = fields.Integer(
        string="Open Tickets", compute="_compute_ticket_count"
    )

    # Imports find items by them, without regard to case.
    _name_lower = models.Index("(LOWER(name))")
    _serial_number_lower = models.Index("(LOWER(serial_number))")
    # The graph in memory leaves these out.
    _out_of_use = models.Index(
        "(id, active, lifecycle_state)"
        " WHERE NOT active OR lifecycle_state IN ('retired', 'in_repair')"
    )

    def init(self):
        result = super().init()
        stamp_states(self.env)
        return result

    def _compute_ticket_count(self):
        tickets = self.env["helpdesk.ticket"]
        counts = tickets._count_by("ci_ids", self, UNFINISHED_STATES)
        for ci in self:
            ci.ticket_count, _unfinished = counts[ci._origin]

    @api.constrains("class_id")
    def _check_class_id(self):
        may_be_new = self.env.context.get(SERVICE_KEY_NAME) is SERVICE_KEY
        for ci in self:
            if ci.service_ids and not ci.class_id.is_service:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” is a service and needs a class of services.",
                        name=ci.name,
                    )
                )
            if ci.class_id.is_service and not ci.service_ids and not may_be_new:
                raise ValidationError(
                    self.env._(
                        "“%(class)s” is a class of services. Create services under "
                        "Configuration, Services.",
                        **{"class": ci.class_id.complete_name},
                    )
                )

    @api.constrains("purchase_date", "warranty_date")
    def _check_dates(self):
        for ci in self:
            if (
                ci.purchase_date
                and ci.warranty_date
                and ci.warranty_date < ci.purchase_date
            ):
                raise ValidationError(
                    self.env._(
                        "The warranty of “%(name)s” ends before its purchase.",
                        name=ci.name,
                    )
                )

    # Workflow

    def action_set_state(self, target=False):
        if service := self.service_ids[:1]:
            raise UserError(
                self.env._(
                    "“%(name)s” is a service. Move the service: its item follows.",
                    name=service.name,
                )
            )
        return super().action_set_state(target)

    # Screens

    def action_open_service(self):
        """Open the service that this item is."""
        self.ensure_one()
        return self.service_ids.get_formview_action()

    def action_open_tickets(self):
        """Open the tickets about this item, open ones first."""
        self.ensure_one()
        return self.env["itsm.service"]._tickets_action(
            self.display_name, [("ci_ids", "in", self.ids)]
        )

    def get_formview_action(self, access_uid=None):
        if service := self.service_ids[:1]:
            return service.get_formview_action(access_uid=access_uid)
        return super().get_formview_action(access_uid=access_uid)

    # Hooks into Odoo

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for ci, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", ci.name)
        return vals_list

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_properties(vals)
        return super().create(vals_list)

    @api.model
    def _check_properties(self, vals):
        """Refuse definitions of attributes that come along with their values."""
        values = vals.get("properties")
        if isinstance(values, list) and any(
            value.get("definition_changed") or value.get("definition_deleted")
            for value in values
        ):
            raise UserError(self.env["itsm.ci.class"]._definition_message())

    def write(self, vals):
        self._check_properties(vals)
        # Values are checked against the definition of one class at a time.
        if vals.get("properties") and "class_id" not in vals and len(self.class_id) > 1:
            for cis in self.grouped("class_id").values():
                super(ItsmCi, cis).write(vals)
            return True
        return super().write(vals)

    def _track_prepare(self, fields_iter):
        # A service and its item are one thing to people: one history, the service's.
        services = self.filtered("class_id.is_service").service_ids
        services._track_prepare(fields_iter)
        return super(ItsmCi, self - services.ci_id)._track_prepare(fields_iter)

    def _log_change(self, bodies):
        """Log ``{id of item: text}`` where people look for the history of the item."""
        services = self.filtered("class_id.is_service").service_ids
        services._message_log_batch(
            {service.id: bodies[service.ci_id.id] for service in services}
        )
        plain = self - services.ci_id
        plain._message_log_batch({ci.id: bodies[ci.id] for ci in plain})
