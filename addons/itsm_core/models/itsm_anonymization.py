from odoo import fields, models


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
