from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.workflow import Transition
from .helpdesk_ticket_stage import UNFINISHED_STATES
from .itsm_ci import IDENTITY_FIELDS, SERVICE_KEY, SERVICE_KEY_NAME

# What the item of a service is in its own lifecycle.
LIFECYCLES = {"live": "in_use", "retired": "retired"}


class ItsmService(models.Model):
    """A service, which is a configuration item with a portfolio of its own."""

    _name = "itsm.service"
    _description = "Service"
    _inherit = [
        "itsm.workflow.mixin",
        "itsm.kept.mixin",
        "itsm.action.source.mixin",
        "itsm.attribute.history.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _inherits = {"itsm.ci": "ci_id"}
    _order = "name, id"
    _check_company_auto = True

    _workflow_field = "portfolio_state"
    _workflow_initial = "planned"
    _workflow_transitions = (
        Transition("planned", "transition", required=("owner_id",)),
        Transition(
            ("transition",),
            "live",
            required=("owner_id", "team_id"),
            stamp=("live_date",),
        ),
        Transition("transition", "planned", clear=("is_published",)),
        Transition("live", "transition"),
        Transition(
            ("planned", "transition", "live"), "retired", clear=("is_published",)
        ),
    )
    _workflow_locked_fields = {
        "retired": (
            *IDENTITY_FIELDS,
            "calendar_id",
            "criticality",
            "customer_ids",
            "is_published",
            "team_id",
        )
    }

    ci_id = fields.Many2one(
        "itsm.ci",
        string="Configuration Item",
        required=True,
        readonly=True,
        ondelete="restrict",
        copy=False,
    )
    portfolio_state = fields.Selection(
        [
            ("planned", "Pipeline"),
            ("transition", "In Transition"),
            ("live", "Live"),
            ("retired", "Retired"),
        ],
        string="Portfolio",
        default="planned",
        required=True,
        readonly=True,
        group_expand=True,
        copy=False,
        index=True,
        tracking=True,
    )
    criticality = fields.Selection(
        [("1", "Critical"), ("2", "High"), ("3", "Medium"), ("4", "Low")],
        default="3",
        required=True,
        tracking=True,
        help="What it means to the business when the service is down.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Service Hours",
        check_company=True,
        tracking=True,
        help="When the service is promised to be there. Empty: day and night.",
    )
    customer_ids = fields.Many2many(
        "res.partner",
        "itsm_service_customer_rel",
        "service_id",
        "partner_id",
        string="Customers",
        domain=[("is_itsm_customer", "=", True)],
        tracking=True,
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Support Team",
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    is_published = fields.Boolean(
        string="Published",
        copy=False,
        tracking=True,
        help="Customers see the service on their portal and may choose it.",
    )
    live_date = fields.Date(string="Live Since", readonly=True, copy=False)
    ticket_count = fields.Integer(
        string="Open Tickets", compute="_compute_ticket_count"
    )

    _ci_uniq = models.Constraint(
        "UNIQUE(ci_id)", "A configuration item is one service at most."
    )

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        if "class_id" in fields and not defaults.get("class_id"):
            business = self.env.ref(
                "itsm_core.ci_class_service_business", raise_if_not_found=False
            )
            defaults["class_id"] = business.id if business else False
        return defaults

    def _compute_ticket_count(self):
        tickets = self.env["helpdesk.ticket"]
        counts = tickets._count_by("service_id", self, UNFINISHED_STATES)
        for service in self:
            service.ticket_count, _unfinished = counts[service._origin]

    @api.constrains("ci_id")
    def _check_ci_id(self):
        for service in self:
            if not service.class_id.is_service:
                raise ValidationError(
                    self.env._(
                        "“%(class)s” is not a class of services. Choose another class "
                        "for “%(name)s”.",
                        **{"class": service.class_id.complete_name},
                        name=service.name,
                    )
                )

    # Workflow

    def _check_transition(self, transition):
        result = super()._check_transition(transition)
        self._check_portfolio_gate(transition.target)
        return result

    def _check_portfolio_gate(self, target):
        """Raise a ``UserError`` unless the services may become `target`.

        Nothing is asked here: processes that have a say in it add what they ask.
        """

    def _set_state(self, target, **values):
        result = super()._set_state(target, **values)
        lifecycle = LIFECYCLES.get(target)
        if lifecycle:
            self.ci_id._set_state(lifecycle)
        return result

    def _load_state(self, state, **values):
        # Dates that the moves of the item stamp go past its gates with its state.
        stamped = self.env["itsm.ci"]._workflow_stamped_fields()
        dates = {name: values.pop(name) for name in stamped & set(values)}
        result = super()._load_state(state, **values)
        self.ci_id._load_state(LIFECYCLES.get(state, "planned"), **dates)
        return result

    # Screens

    def action_open_tickets(self):
        """Open the tickets of the service."""
        self.ensure_one()
        return self._tickets_action(self.display_name, [("service_id", "in", self.ids)])

    @api.model
    def _tickets_action(self, name, domain):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "helpdesk.ticket",
            "view_mode": "list,kanban,form",
            "domain": domain,
        }

    # Portal

    @api.model
    def _get_published_domain(self):
        """Return which services customers know at all."""
        return fields.Domain("is_published", "=", True) & fields.Domain(
            "portfolio_state", "=", "live"
        )

    @api.model
    def _get_portal_domain(self):
        """Return which services the current user has as a customer.

        Their own, and those published to all. For searching in superuser mode, as
        customers have no access to services.
        """
        # sudo: of which customer somebody is, is no secret to that person.
        return self._get_customer_domain(
            self.env.user.partner_id.sudo().itsm_customer_id
        )

    @api.model
    def _get_customer_domain(self, customer):
        """Return which services a customer (``res.partner``) has."""
        return self._get_published_domain() & (
            fields.Domain("customer_ids", "=", False)
            | fields.Domain("customer_ids", "in", customer.ids)
        )

    # Hooks into Odoo

    @api.model_create_multi
    def create(self, vals_list):
        keyed = self.with_context(**{SERVICE_KEY_NAME: SERVICE_KEY})
        services = super(ItsmService, keyed).create(vals_list)
        return services.with_env(self.env)

    def write(self, vals):
        if "ci_id" in vals and any(
            service.ci_id.id != vals["ci_id"] for service in self
        ):
            raise UserError(
                self.env._("A service stays the configuration item that it is.")
            )
        return super().write(vals)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for service, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", service.name)
        return vals_list

    def unlink(self):
        cis = self.ci_id
        result = super().unlink()
        cis.unlink()
        return result
