from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.itsm_core.tools.workflow import Transition

MANAGER = ("itsm_sla.group_service_level_manager",)
CONTENT_FIELDS = (
    "agreement_ids",
    "company_id",
    "date",
    "minutes",
    "name",
    "participant_ids",
    "partner_id",
)


class ItsmServiceReview(models.Model):
    """A meeting with a customer about its services: what was said, what follows."""

    _name = "itsm.service.review"
    _description = "Service Review"
    _inherit = [
        "itsm.workflow.mixin",
        "itsm.kept.mixin",
        "itsm.record.mixin",
        "itsm.action.source.mixin",
    ]
    _order = "date desc, id desc"

    _reference_code = "itsm.service.review"
    _workflow_initial = "planned"
    _workflow_transitions = (
        Transition(
            "planned",
            "held",
            groups=MANAGER,
            required=("date", "participant_ids", "minutes"),
            check="_check_has_taken_place",
        ),
        Transition("held", "planned", groups=MANAGER),
        Transition(
            "held",
            "closed",
            groups=MANAGER,
            check="_check_actions_agreed",
            stamp=("closed_date",),
        ),
        Transition("planned", "cancelled", groups=MANAGER),
    )
    _workflow_locked_fields = {"closed": CONTENT_FIELDS, "cancelled": CONTENT_FIELDS}

    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("held", "Held"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="planned",
        required=True,
        readonly=True,
        group_expand=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(required=True, help="")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        domain=[("is_itsm_customer", "=", True)],
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    date = fields.Date(
        required=True, default=fields.Date.context_today, index=True, tracking=True
    )
    participant_ids = fields.Many2many(
        "res.partner",
        "itsm_service_review_participant_rel",
        "review_id",
        "partner_id",
        string="Participants",
    )
    agreement_ids = fields.Many2many(
        "itsm.agreement",
        "itsm_service_review_agreement_rel",
        "review_id",
        "agreement_id",
        string="Agreements Reviewed",
        check_company=True,
        domain="[('partner_id', '=', partner_id), ('state', '=', 'active')]",
    )
    agenda = fields.Html(
        default=lambda self: self._default_agenda(),
        help="What is to be talked about.",
    )
    minutes = fields.Html(help="What was said and decided.")
    closed_date = fields.Date(string="Closed On", readonly=True, copy=False)

    @api.model
    def _default_agenda(self):
        points = (
            self.env._("Service levels since the last review, and reasons for misses"),
            self.env._("Complaints and satisfaction"),
            self.env._("Major incidents, and what became of their actions"),
            self.env._("What changes: services, volumes, needs of the business"),
            self.env._("Open actions, and new ones"),
        )
        items = Markup().join(Markup("<li>%s</li>") % point for point in points)
        return Markup("<ol>%s</ol>") % items

    @api.constrains("partner_id")
    def _check_customer(self):
        for review in self:
            if not review.partner_id.is_itsm_customer:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is not a customer. Mark the contact as a "
                        "customer first, or choose another one.",
                        partner=review.partner_id.display_name,
                    )
                )

    def _check_has_taken_place(self):
        today = fields.Date.context_today(self)
        for review in self:
            if review.date > today:
                raise UserError(
                    self.env._(
                        "%(review)s is planned for %(date)s, so it has not been held "
                        "yet.",
                        review=review.display_name,
                        date=review.date,
                    )
                )

    def _check_actions_agreed(self):
        for review in self:
            proposed = review.itsm_action_ids.filtered(
                lambda action: action.state == "proposed"
            )
            if proposed:
                raise UserError(
                    self.env._(
                        "Agree on the actions of %(review)s or cancel them before "
                        "you close it: %(actions)s",
                        review=review.display_name,
                        actions=", ".join(proposed.mapped("display_name")),
                    )
                )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """Propose who takes part, and what is reviewed."""
        if not self.partner_id:
            return
        self.agreement_ids = self.env["itsm.agreement"].search(
            [("partner_id", "=", self.partner_id.id), ("state", "=", "active")]
        )
        self.owner_id = self.partner_id.itsm_relationship_owner_id or self.owner_id
        self.participant_ids = (
            self.partner_id.itsm_key_user_ids | self.owner_id
        ).partner_id

    def _set_state(self, target, **values):
        result = super()._set_state(target, **values)
        if target == "held":
            self._propose_next_dates()
        return result

    def _propose_next_dates(self):
        """Date the next review of each agreement that was reviewed."""
        for review in self:
            for agreement in review.agreement_ids:
                following = fields.Date.add(review.date, months=agreement.review_months)
                if (
                    agreement.state == "active"
                    and (agreement.next_review_date or review.date) < following
                ):
                    agreement.next_review_date = following
