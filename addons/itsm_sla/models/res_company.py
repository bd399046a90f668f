from odoo import fields, models

LOW_RATINGS = {"none": (), "ko": ("ko",), "ok": ("ko", "ok")}


class ResCompany(models.Model):
    """What is asked of customers, and who hears them."""

    _inherit = "res.company"

    itsm_low_rating = fields.Selection(
        [
            ("ko", "Dissatisfied"),
            ("ok", "All right, or worse"),
            ("none", "Never"),
        ],
        string="Follow Up Ratings",
        default="ko",
        required=True,
        help="Ratings at which somebody is asked to talk to the customer.",
    )
    itsm_rating_pause_days = fields.Integer(
        string="Days Between Questions",
        default=7,
        help="So many days go by until the same person is asked again to rate a "
        "ticket. With 0 everybody is asked about every ticket.",
    )
    itsm_escalation_second_id = fields.Many2one(
        "res.users",
        string="Hears Customers Second",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="After the relationship owner. Empty: a service level manager.",
    )
    itsm_escalation_third_id = fields.Many2one(
        "res.users",
        string="Hears Customers Last",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="The last one to whom a customer can escalate. Empty: a process manager.",
    )

    itsm_escalation_days = fields.Integer(
        string="Days to Answer",
        default=1,
        help="Working days within which an escalation by a customer is answered. With "
        "0 it is on the same day.",
    )
    itsm_complaint_team_id = fields.Many2one(
        "helpdesk.ticket.team",
        string="Team for Complaints",
        domain="[('company_id', 'in', (False, id))]",
        ondelete="restrict",
        help="Gets complaints for which nobody chose a team. Empty: the team of the "
        "service.",
    )
    itsm_complaint_definition = fields.Text(
        string="What Counts as a Complaint",
        translate=True,
        help="Shown to customers with whose agreement nothing else was agreed.",
    )

    _itsm_escalation_days_range = models.Constraint(
        "CHECK (itsm_escalation_days BETWEEN 0 AND 30)",
        "An escalation is answered within 0 to 30 working days.",
    )
    _itsm_rating_pause_days_range = models.Constraint(
        "CHECK (itsm_rating_pause_days BETWEEN 0 AND 365)",
        "A person is asked again after 1 to 365 days; 0 means each time.",
    )

    def _get_low_ratings(self):
        """Return the values of ``rating_text`` that somebody follows up."""
        self.ensure_one()
        return LOW_RATINGS[self.itsm_low_rating]

    def _get_customer_escalation_people(self):
        """Return the second and the third person to whom customers can escalate.

        Where nobody is named, the manager who has been here for the longest time, so
        that no customer speaks to nobody.

        :return: ``res.users``, in this order
        """
        self.ensure_one()
        company = self.sudo()
        people = self.env["res.users"].sudo()
        for named, group in (
            (company.itsm_escalation_second_id, "itsm_sla.group_service_level_manager"),
            (company.itsm_escalation_third_id, "itsm_core.group_manager"),
        ):
            people |= named or people.search(
                [
                    ("all_group_ids", "in", self.env.ref(group).ids),
                    ("company_ids", "in", company.ids),
                    ("share", "=", False),
                ],
                order="id",
                limit=1,
            )
        return people
