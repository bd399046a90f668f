from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    itsm_management_partner_ids = fields.Many2many(
        "res.partner",
        "itsm_company_management_rel",
        "company_id",
        "partner_id",
        string="Top Management",
        help="Who is mailed when a major incident is declared and when it is over.",
    )
    itsm_acknowledge_logged = fields.Boolean(
        string="Confirm tickets that agents log",
        default=True,
        help="Callers get the mail that confirms a new ticket, too. Whoever writes a "
        "mail or uses the portal always gets it.",
    )
    itsm_close_after_days = fields.Integer(
        string="Close Resolved Tickets After",
        default=5,
        help="Working days without an answer, by the company's working hours. With 0 "
        "tickets stay resolved until somebody closes them.",
    )
    itsm_close_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="When closing by itself was switched on. Tickets resolved before are "
        "announced first and wait from then on.",
    )
    itsm_configuration_user_id = fields.Many2one(
        "res.users",
        string="Responsible for the Configuration",
        domain=[("share", "=", False)],
        help="Takes back the items of people who leave, where nobody is responsible "
        "for an item.",
    )
    itsm_event_days = fields.Integer(
        string="Keep Events For",
        default=90,
        help="Days after which events of monitoring are deleted, unless their incident "
        "is unfinished. With 0 they are kept.",
    )
    itsm_problem_review_days = fields.Integer(
        string="Review Problems After",
        default=30,
        help="Days after the solution of a problem until it is looked at whether "
        "incidents of its kind have stopped.",
    )
    itsm_recurrence_weeks = fields.Integer(
        string="Recurrence: Weeks Looked At",
        default=4,
        help="The last weeks, of which the incidents are compared with those before.",
    )
    itsm_recurrence_history_weeks = fields.Integer(
        string="Recurrence: Weeks Before",
        default=26,
        help="The weeks before, which say how many incidents are usual.",
    )
    itsm_recurrence_least = fields.Integer(
        string="Recurrence: Least Incidents",
        default=5,
        help="Fewer incidents of a kind are not proposed as a problem.",
    )
    itsm_recurrence_date = fields.Datetime(
        string="Last Analysis of Recurrence", readonly=True, copy=False
    )
    itsm_retention_months = fields.Integer(
        string="Keep Personal Data For",
        help="Months after closing until whatever names people is removed from a "
        "ticket, for good. With 0 it is kept.",
    )

    _itsm_close_after_days_range = models.Constraint(
        "CHECK (itsm_close_after_days BETWEEN 0 AND 365)",
        "Tickets can close after 1 to 365 working days; 0 means never.",
    )
    _itsm_event_days_range = models.Constraint(
        "CHECK (itsm_event_days BETWEEN 0 AND 3650)",
        "Events are kept for 1 to 3650 days; 0 means for ever.",
    )
    _itsm_problem_review_days_range = models.Constraint(
        "CHECK (itsm_problem_review_days BETWEEN 1 AND 365)",
        "Problems are reviewed 1 to 365 days after their solution.",
    )
    _itsm_recurrence_range = models.Constraint(
        "CHECK (itsm_recurrence_weeks BETWEEN 1 AND 13"
        " AND itsm_recurrence_history_weeks BETWEEN 4 AND 104"
        " AND itsm_recurrence_least BETWEEN 2 AND 1000)",
        "Recurrence is looked for in 1 to 13 weeks, compared with 4 to 104 weeks "
        "before, from 2 to 1000 incidents on.",
    )
    _itsm_retention_months_range = models.Constraint(
        "CHECK (itsm_retention_months BETWEEN 0 AND 1200)",
        "Personal data is kept for 1 to 1200 months; 0 means for ever.",
    )

    def write(self, vals):
        switched_on = self.browse()
        if vals.get("itsm_close_after_days"):
            switched_on = self.filtered(lambda c: not c.itsm_close_after_days)
        result = super().write(vals)
        if switched_on:
            super(ResCompany, switched_on).write(
                {"itsm_close_since": fields.Datetime.now()}
            )
        return result
