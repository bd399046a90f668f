from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.itsm_core.tools.workflow import Transition

KINDS = [
    ("sla", "Service Level Agreement"),
    ("ola", "Operational Level Agreement"),
    ("uc", "Underpinning Contract"),
]
#: States in which the content is still being negotiated.
EDITABLE_STATES = ("draft", "negotiation")
#: States in which an agreement was in force, between its dates.
BINDING_STATES = ("active", "expired", "terminated")
MANAGER = ("itsm_sla.group_service_level_manager",)
#: What the parties agreed upon.
CONTENT_FIELDS = (
    "accepted_by",
    "accepted_date",
    "calendar_id",
    "company_id",
    "complaint_definition",
    "date_start",
    "kind",
    "name",
    "notice_days",
    "partner_id",
    "service_ids",
    "target_ids",
    "team_id",
    "terms",
    "volume_ids",
    "warn_customer",
)
#: Ten years: longer notice is a slip of the pen.
MAX_NOTICE_DAYS = 3650
FINAL_FIELDS = (*CONTENT_FIELDS, "date_end", "review_months", "next_review_date")


class ItsmAgreement(models.Model):
    """What is promised: to a customer, by a team, or by a supplier."""

    _name = "itsm.agreement"
    _description = "Agreement"
    _inherit = [
        "itsm.workflow.mixin",
        "itsm.kept.mixin",
        "itsm.record.mixin",
        "itsm.action.source.mixin",
        "portal.mixin",
    ]
    _order = "date_start desc, id desc"
    _kept_parts = ("itsm.agreement.target", "itsm.agreement.volume")
    _reference_code = "itsm.agreement"
    _workflow_initial = "draft"
    _workflow_transitions = (
        Transition("draft", "negotiation", groups=MANAGER, required=("owner_id",)),
        Transition("negotiation", "draft", groups=MANAGER),
        Transition(
            "negotiation",
            "active",
            groups=MANAGER,
            required=("owner_id", "date_start", "target_ids"),
            check="_check_can_activate",
            stamp=("activated_date",),
        ),
        Transition("active", "expired", check="_check_has_ended"),
        Transition(
            "active",
            "terminated",
            groups=MANAGER,
            required=("termination_reason", "date_end"),
        ),
    )
    _workflow_locked_fields = {
        "active": CONTENT_FIELDS,
        "expired": FINAL_FIELDS,
        "terminated": (*FINAL_FIELDS, "termination_reason"),
    }

    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("negotiation", "In Negotiation"),
            ("active", "Active"),
            ("expired", "Expired"),
            ("terminated", "Terminated"),
        ],
        default="draft",
        required=True,
        readonly=True,
        group_expand=True,
        copy=False,
        index=True,
        tracking=True,
    )
    kind = fields.Selection(KINDS, default="sla", required=True, tracking=True)
    company_id = fields.Many2one(required=True, help="")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer or Supplier",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Whom it was agreed with. A service level agreement without a customer "
        "is the default for its services, or for the company.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Internal Team",
        ondelete="restrict",
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_agreement_service_rel",
        "agreement_id",
        "service_id",
        string="Services",
        check_company=True,
        tracking=True,
        help="Empty: all services.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Service Hours",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        help="The hours in which time counts, with holidays and time zone. Empty: "
        "day and night.",
    )
    date_start = fields.Date(string="From", tracking=True)
    date_end = fields.Date(
        string="Until", tracking=True, help="The last day. Empty: until terminated."
    )
    notice_days = fields.Integer(
        string="Notice", default=90, tracking=True, help="Days before the end."
    )
    notice_date = fields.Date(
        string="Notice By",
        compute="_compute_notice_date",
        store=True,
        help="The last day on which notice can be given.",
    )
    review_months = fields.Integer(
        string="Review Every", default=12, tracking=True, help="Months."
    )
    next_review_date = fields.Date(string="Next Review", tracking=True)
    activated_date = fields.Date(string="Active Since", readonly=True, copy=False)
    termination_reason = fields.Text(copy=False, tracking=True)
    terms = fields.Html(help="What the customer reads and accepts.")
    complaint_definition = fields.Text(
        string="What Counts as a Complaint",
        help="As agreed with the customer, who reads it on the portal before making a "
        "complaint.",
    )
    warn_customer = fields.Boolean(
        string="Warn the Customer",
        help="The requester is told when a target is about to be missed.",
    )
    target_ids = fields.One2many(
        "itsm.agreement.target", "agreement_id", string="Targets", copy=True
    )
    volume_ids = fields.One2many(
        "itsm.agreement.volume", "agreement_id", string="Expected Volume", copy=True
    )
    accepted_by = fields.Char(
        copy=False, tracking=True, help="Who accepted it for the other side."
    )
    accepted_date = fields.Date(string="Accepted On", copy=False, tracking=True)
    signature = fields.Binary(copy=False, attachment=True, readonly=True)

    _dates_in_order = models.Constraint(
        "CHECK (date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "An agreement cannot end before it starts. Correct one of the dates.",
    )
    _notice_not_negative = models.Constraint(
        "CHECK (notice_days BETWEEN 0 AND 3650)",
        "The notice is a number of days, from 0 to 3650.",
    )
    _review_positive = models.Constraint(
        "CHECK (review_months BETWEEN 1 AND 120)",
        "An agreement is reviewed every so many months, from 1 to 120.",
    )

    # ------------------------------------------------------------------
    # Computes and constraints
    # ------------------------------------------------------------------

    @api.depends("date_end", "notice_days")
    def _compute_notice_date(self):
        for agreement in self:
            end = agreement.date_end
            days = min(agreement.notice_days, MAX_NOTICE_DAYS)
            agreement.notice_date = end and fields.Date.subtract(end, days=days)

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for agreement in self:
            agreement.access_url = f"/my/agreements/{agreement.id}"
        return result

    @api.constrains("service_ids")
    def _check_services_of_targets(self):
        self.target_ids._check_service()
        self.volume_ids._check_service()

    @api.constrains("calendar_id")
    def _check_calendar(self):
        self.calendar_id._check_measurable()

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _check_can_activate(self):
        for agreement in self:
            if (
                agreement.kind == "sla"
                and agreement.partner_id
                and not (agreement.accepted_by and agreement.accepted_date)
            ):
                raise UserError(
                    self.env._(
                        "%(customer)s has not accepted %(agreement)s yet. Send it to "
                        "the customer's portal to be signed, or enter who accepted "
                        "it, and when.",
                        customer=agreement.partner_id.display_name,
                        agreement=agreement.display_name,
                    )
                )
        self._check_no_overlap()

    def _check_has_ended(self):
        today = fields.Date.context_today(self)
        for agreement in self:
            if not agreement.date_end or agreement.date_end >= today:
                raise UserError(
                    self.env._(
                        "%(agreement)s runs on. It expires after its last day; to "
                        "end it before, terminate it.",
                        agreement=agreement.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Hooks into Odoo
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        agreements = super().create(vals_list)
        self.env["itsm.sla.clock"]._forget_agreements()
        return agreements

    def write(self, vals):
        result = super().write(vals)
        self.env["itsm.sla.clock"]._forget_agreements()
        return result
