from datetime import MAXYEAR

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.report_period import MONTHS, Period

PERIODS = [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")]
AUDIENCES = [("customer", "Customer"), ("internal", "Internal Management")]
#: Who reads a report: stays as it is once something was reported.
READER_FIELDS = ("audience", "company_id", "partner_id")
#: A first period further away than this many years is a slip of the pen.
YEARS_AT_MOST = 10


class ItsmServiceReport(models.Model):
    """A report that is made for every month, quarter or year: the register of them.

    What it says for a period is an issue of it, which never changes
    (``itsm.service.report.issue``).
    """

    _name = "itsm.service.report"
    _description = "Service Report"
    _inherit = ["itsm.record.mixin", "itsm.action.source.mixin"]
    _order = "next_issue_date, reference"
    _reference_code = "itsm.service.report"

    company_id = fields.Many2one(required=True, help="")
    purpose = fields.Text(
        required=True,
        tracking=True,
        help="What the report is for: which questions it answers.",
    )
    audience = fields.Selection(
        AUDIENCES,
        default="customer",
        required=True,
        tracking=True,
        help="A customer's report tells of this customer and of service level "
        "agreements only; an internal one of operational level agreements and "
        "underpinning contracts too.",
    )
    data_source = fields.Text(
        required=True,
        default=lambda self: self._default_data_source(),
        help="Where the figures come from, for those who read them.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        domain=[("is_itsm_customer", "=", True)],
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Empty: all customers.",
    )
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_service_report_service_rel",
        "report_id",
        "service_id",
        string="Services",
        check_company=True,
        tracking=True,
        help="Empty: all services.",
    )
    agreement_id = fields.Many2one(
        "itsm.agreement",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Only the targets of this agreement and of its revisions. Empty: all "
        "targets by which these tickets are measured.",
    )
    period = fields.Selection(PERIODS, default="month", required=True, tracking=True)
    date_from = fields.Date(
        string="First Period",
        required=True,
        default=lambda self: fields.Date.start_of(
            fields.Date.context_today(self), "month"
        ),
        tracking=True,
        help="Any day of the first period that is reported.",
    )
    schedule = fields.Selection(
        [("automatic", "Automatic"), ("manual", "Only by Hand")],
        string="Issues Are Made",
        default="automatic",
        required=True,
        tracking=True,
    )
    issue_day = fields.Integer(
        string="Made After",
        default=3,
        required=True,
        tracking=True,
        help="So many days after the last day of the period. Leave time to explain "
        "misses.",
    )
    recipient_ids = fields.Many2many(
        "res.partner",
        "itsm_service_report_recipient_rel",
        "report_id",
        "partner_id",
        string="Recipients",
        tracking=True,
        help="Each issue is mailed to them, with both files.",
    )
    on_portal = fields.Boolean(
        string="On the Portal",
        tracking=True,
        help="The customer's key users read the issues on their portal.",
    )
    issue_ids = fields.One2many("itsm.service.report.issue", "report_id")
    issue_count = fields.Integer(compute="_compute_last_issue")
    last_issue_id = fields.Many2one(
        "itsm.service.report.issue", compute="_compute_last_issue"
    )
    next_period_date = fields.Date(
        string="Next Period",
        compute="_compute_next_issue",
        store=True,
        help="First day of the period that is reported next.",
    )
    next_issue_date = fields.Date(
        string="Next Issue",
        compute="_compute_next_issue",
        store=True,
        index=True,
        help="The day on which the next issue is due.",
    )

    _issue_day_in_order = models.Constraint(
        "CHECK (issue_day BETWEEN 1 AND 60)",
        "An issue is made 1 to 60 days after the end of its period. Correct the day.",
    )

    @api.model
    def _default_data_source(self):
        return self.env._(
            "Tickets of the service desk and what was recorded of each: state, team, "
            "priority and service from its opening on. Service level clocks worked "
            "out from these records, in the hours of the agreement. Reasons for "
            "misses and exclusions decided by two people. Ratings given by customers."
        )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    def _compute_last_issue(self):
        issues = self.env["itsm.service.report.issue"].search_fetch(
            [("report_id", "in", self.ids)], ["report_id"], order="date_to, id"
        )
        by_report = issues.grouped("report_id")
        for report in self:
            found = by_report.get(report._origin, issues.browse())
            report.issue_count = len(found)
            report.last_issue_id = found[-1:]

    @api.depends("date_from", "period", "issue_day", "active", "issue_ids.date_to")
    def _compute_next_issue(self):
        for report in self:
            if (
                not (report.active and report.date_from and report.period in MONTHS)
                # Refused; there is no period after it.
                or report.date_from.year == MAXYEAR
            ):
                report.next_period_date = report.next_issue_date = False
                continue
            after = max(
                (fields.Date.add(day, days=1) for day in report._get_made_to()),
                default=report.date_from,
            )
            period = Period.containing(report.period, max(after, report.date_from))
            report.next_period_date = period.start
            report.next_issue_date = fields.Date.add(period.stop, days=report.issue_day)

    def _get_made_to(self):
        """Return the last days of the periods that were reported."""
        self.ensure_one()
        return [day for day in self.issue_ids.mapped("date_to") if day]

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("audience", "partner_id", "on_portal")
    def _check_customer(self):
        for report in self:
            if report.audience == "customer" and not report.partner_id:
                raise ValidationError(
                    self.env._(
                        "A report for a customer is about one customer. Choose the "
                        "customer of “%(report)s”, or make it an internal report.",
                        report=report.name,
                    )
                )
            if report.on_portal and report.audience != "customer":
                raise ValidationError(
                    self.env._(
                        "“%(report)s” is an internal report, which does not go on the "
                        "portal. Choose customer as its audience, or leave it off.",
                        report=report.name,
                    )
                )
            if report.partner_id and not report.partner_id.is_itsm_customer:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is not a customer. Mark the contact as a "
                        "customer first, or choose another one.",
                        partner=report.partner_id.display_name,
                    )
                )

    @api.constrains("audience", "partner_id", "agreement_id")
    def _check_agreement(self):
        for report in self.filtered("agreement_id"):
            agreement = report.agreement_id
            if report.audience == "customer" and agreement.kind != "sla":
                raise ValidationError(
                    self.env._(
                        "%(agreement)s is not made with a customer and does not go "
                        "into a customer's report. Choose a service level agreement.",
                        agreement=agreement.display_name,
                    )
                )
            if (
                report.partner_id
                and agreement.kind == "sla"
                and agreement.partner_id
                and agreement.partner_id != report.partner_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(agreement)s is made with %(other)s, and the report is "
                        "about %(customer)s. Choose an agreement of that customer.",
                        agreement=agreement.display_name,
                        other=agreement.partner_id.display_name,
                        customer=report.partner_id.display_name,
                    )
                )

    @api.constrains("audience", "partner_id", "recipient_ids")
    def _check_recipients(self):
        for report in self:
            # sudo: asked only whether they work here, and for whom they speak.
            for recipient in report.recipient_ids.sudo():
                if not recipient.email:
                    raise ValidationError(
                        self.env._(
                            "%(recipient)s has no e-mail address, so that the report "
                            "cannot be sent there. Enter one on the contact first.",
                            recipient=recipient.display_name,
                        )
                    )
                is_colleague = any(not user.share for user in recipient.user_ids)
                if not is_colleague and (
                    not report.partner_id
                    or recipient.itsm_customer_id != report.partner_id
                ):
                    raise ValidationError(
                        self.env._(
                            "%(recipient)s neither works here nor belongs to the "
                            "customer of “%(report)s”, and cannot receive it.",
                            recipient=recipient.display_name,
                            report=report.name,
                        )
                    )

    @api.constrains("date_from")
    def _check_first_period(self):
        today = fields.Date.context_today(self)
        earliest = fields.Date.subtract(today, years=YEARS_AT_MOST)
        latest = fields.Date.add(today, years=YEARS_AT_MOST)
        for report in self:
            if not earliest <= report.date_from <= latest:
                raise ValidationError(
                    self.env._(
                        "The first period of “%(report)s” is more than %(years)s "
                        "years away. Each period since then would get an issue. "
                        "Correct the day.",
                        report=report.name,
                        years=YEARS_AT_MOST,
                    )
                )

    def write(self, vals):
        if not vals.keys().isdisjoint(READER_FIELDS):
            self._check_readers_stay(vals)
        return super().write(vals)

    def _check_readers_stay(self, vals):
        """Refuse other readers than those of the issues that were made.

        An issue tells what was corrected of the one before it, and all issues go on
        the portal together: what one customer was told is not for the next.

        :raise UserError: naming the report
        """
        names = [name for name in READER_FIELDS if name in vals]
        for report in self.filtered("issue_ids"):
            for name in names:
                field = self._fields[name]
                value = field.convert_to_cache(vals[name], report)
                if value != field.convert_to_cache(report[name], report):
                    raise UserError(
                        self.env._(
                            "Issues of “%(report)s” were made for its readers, so "
                            "“%(field)s” stays as it is. Archive the report and "
                            "register another one.",
                            report=report.display_name,
                            field=field._description_string(self.env),
                        )
                    )

    @api.onchange("agreement_id")
    def _onchange_agreement_id(self):
        agreement = self.agreement_id
        if agreement.kind == "sla" and agreement.partner_id and not self.partner_id:
            self.partner_id = agreement.partner_id

    @api.onchange("audience", "partner_id")
    def _onchange_audience(self):
        if self.audience == "internal":
            self.on_portal = False
        elif self.partner_id and not self.recipient_ids:
            self.recipient_ids = self.partner_id.itsm_key_user_ids.partner_id

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_open_issues(self):
        """Show the issues of this report."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_sla.itsm_service_report_issue_action"
        )
        return {**action, "domain": [("report_id", "=", self.id)], "context": {}}

    def _get_zone(self):
        """Return the IANA name of the time zone in which the months begin."""
        self.ensure_one()
        # sudo: of calendar and company, only where they are.
        report = self.sudo()
        return (
            report.agreement_id.calendar_id.tz
            or report.company_id.partner_id.tz
            or "UTC"
        )
