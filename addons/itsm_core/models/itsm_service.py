from odoo import fields, models

from ..tools.workflow import Transition


class ItsmService(models.Model):
    _name = "itsm.service"
    _description = "Service"
    _inherit = [
        "itsm.workflow.mixin",
        "itsm.action.source.mixin",
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
            "transition", "live", required=("owner_id", "team_id"), stamp=("live_date",)
        ),
        Transition("transition", "planned"),
        Transition("live", "transition"),
        Transition(("planned", "transition", "live"), "retired"),
    )

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
        copy=False,
        index=True,
        tracking=True,
    )
    criticality = fields.Selection(
        [("1", "Critical"), ("2", "High"), ("3", "Medium"), ("4", "Low")],
        default="3",
        required=True,
        tracking=True,
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

    _ci_uniq = models.Constraint(
        "UNIQUE(ci_id)", "A configuration item is one service at most."
    )
