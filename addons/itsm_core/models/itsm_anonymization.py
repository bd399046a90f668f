from odoo import api, fields, models


class ItsmAnonymization(models.Model):
    """That personal data was removed from tickets: who, when, how many.

    Nothing here tells whose data it was.
    """

    _name = "itsm.anonymization"
    _description = "Removal of Personal Data"
    _order = "id desc"
    _rec_name = "create_date"

    create_date = fields.Datetime(string="Date", readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="By",
        required=True,
        readonly=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict", index=True
    )
    kind = fields.Selection(
        [("retention", "Retention Period"), ("request", "Request of a Person")],
        string="Reason",
        required=True,
        readonly=True,
    )
    months = fields.Integer(
        string="Retention in Months",
        readonly=True,
        help="The retention period that applied.",
    )
    ticket_count = fields.Integer(string="Tickets", readonly=True)

    @api.model
    def _log(self, company, kind, months=0, **counts):
        """Record that personal data was removed, by the current user.

        :param company: ``res.company``
        :param str kind: "retention" or "request"
        :param int months: the retention period that applied
        :param counts: how many records lost people, by the field for it
        """
        # sudo: nobody writes the log by hand.
        self.sudo().create(
            {
                "user_id": self.env.uid,
                "company_id": company.id,
                "kind": kind,
                "months": months,
                **counts,
            }
        )
