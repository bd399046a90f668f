from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.itsm_core.models.itsm_priority_rule import PRIORITIES
from odoo.addons.itsm_core.models.itsm_ticket_span import PENDING_REASONS, TICKET_TYPES

from .service_time import format_service_time

METRICS = [
    ("response", "First Response"),
    ("resolution", "Resolution"),
    ("update", "Time Between Updates"),
]
#: Eleven years, day and night.
MAX_HOURS = 100_000
#: The field of each reason for which a ticket can be pending.
PAUSE_FIELDS = {reason: f"pause_{reason}" for reason, _label in PENDING_REASONS}


class ItsmAgreementTarget(models.Model):
    """One promise of an agreement: what has to happen within which time."""

    _name = "itsm.agreement.target"
    _description = "Agreement Target"
    _inherit = ["itsm.agreement.part.mixin"]
    _order = "agreement_id, metric, service_id, ticket_type, priority desc, id"

    metric = fields.Selection(METRICS, required=True, default="resolution")
    ticket_type = fields.Selection(
        TICKET_TYPES, string="Type", help="Empty: tickets of every type."
    )
    priority = fields.Selection(
        PRIORITIES, default=None, help="Empty: tickets of every priority."
    )
    hours = fields.Float(
        string="Within", required=True, help="Hours and minutes of service time."
    )
    seconds = fields.Integer(compute="_compute_seconds", store=True)
    goal_percent = fields.Float(
        string="Goal",
        default=95.0,
        digits=(5, 2),
        help="How many of the tickets of a month have to meet the target, in %.",
    )
    warn_percent = fields.Integer(
        string="Warn At",
        default=75,
        help="From this share of the time on, in %, a ticket shows as pressing.",
    )
    hours_basis = fields.Selection(
        [
            ("agreement", "Hours of the Agreement"),
            ("always", "Day and Night"),
            ("own", "Own Hours"),
        ],
        string="Hours",
        default="agreement",
        required=True,
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Own Hours",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    pause_customer = fields.Boolean(default=True, string="Pauses for the Customer")
    pause_supplier = fields.Boolean(string="Pauses for a Supplier")
    pause_change = fields.Boolean(string="Pauses for a Change")
    pause_approval = fields.Boolean(default=True, string="Pauses for an Approval")
    pause_planned = fields.Boolean(default=True, string="Pauses until a Planned Date")
    count_resolved = fields.Boolean(
        string="Count Time While Resolved",
        help="When a ticket is reopened, the time since it was resolved counts too.",
    )

    _hours_positive = models.Constraint(
        "CHECK (seconds > 0)",
        "A target is a time of at least one minute. Enter hours and minutes, as 1:30.",
    )
    _goal_is_percentage = models.Constraint(
        "CHECK (goal_percent > 0 AND goal_percent <= 100)",
        "The goal is a percentage above 0 and up to 100.",
    )
    _warning_is_percentage = models.Constraint(
        "CHECK (warn_percent > 0 AND warn_percent <= 100)",
        "The warning is a percentage above 0 and up to 100.",
    )
    _one_per_condition = models.UniqueIndex(
        "(agreement_id, metric, COALESCE(ticket_type, ''), COALESCE(priority, ''),"
        " COALESCE(service_id, 0))",
        "There are two targets for the same metric, type, priority and service. Keep "
        "one of them.",
    )

    @api.depends("hours")
    def _compute_seconds(self):
        for target in self:
            target.seconds = round(target.hours * 60) * 60

    @api.constrains("hours")
    def _check_hours(self):
        # Written so that what is no number is refused, too.
        if not all(abs(target.hours) <= MAX_HOURS for target in self):
            raise ValidationError(
                self.env._(
                    "A target is a time of up to %(count)s hours. Enter hours and "
                    "minutes, as 1:30.",
                    count=MAX_HOURS,
                )
            )

    @api.depends("metric", "ticket_type", "priority", "service_id", "hours")
    def _compute_display_name(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("metric", "ticket_type", "priority")
        }
        for target in self:
            parts = [labels["metric"].get(target.metric, "")]
            parts += [
                labels[name][target[name]]
                for name in ("ticket_type", "priority")
                if target[name]
            ]
            if target.service_id:
                parts.append(target.service_id.display_name)
            target.display_name = self.env._(
                "%(what)s within %(time)s",
                what=", ".join(parts),
                time=format_service_time(self.env, target.seconds),
            )

    @api.constrains("hours_basis", "calendar_id")
    def _check_calendar(self):
        for target in self:
            if (target.hours_basis == "own") != bool(target.calendar_id):
                raise ValidationError(
                    self.env._(
                        "Choose the hours of “%(target)s”, or take those of the "
                        "agreement.",
                        target=target.display_name,
                    )
                )
        self.calendar_id._check_measurable()

    @api.onchange("hours_basis")
    def _onchange_hours_basis(self):
        if self.hours_basis != "own":
            self.calendar_id = False

    def _get_calendar(self):
        """Return the calendar in which the time counts; empty: day and night."""
        self.ensure_one()
        if self.hours_basis == "own":
            return self.calendar_id
        if self.hours_basis == "agreement":
            return self.agreement_id.calendar_id
        return self.env["resource.calendar"]

    # ------------------------------------------------------------------
    # Clocks follow from targets
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        self.env["itsm.sla.clock"]._forget_agreements()
        return targets

    def write(self, vals):
        result = super().write(vals)
        self.env["itsm.sla.clock"]._forget_agreements()
        return result

    def unlink(self):
        self.env["itsm.sla.clock"]._forget_agreements()
        return super().unlink()
