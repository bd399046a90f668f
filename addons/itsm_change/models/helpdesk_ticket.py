from odoo import fields, models


class HelpdeskTicket(models.Model):
    """Tickets that changes solve, and incidents that changes cause."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    change_ids = fields.Many2many(
        "itsm.change",
        "itsm_change_ticket_rel",
        "ticket_id",
        "change_id",
        string="Changes",
        groups="itsm_core.group_user,itsm_core.group_auditor",
        copy=False,
    )
    caused_by_change_id = fields.Many2one(
        "itsm.change",
        string="Caused by Change",
        check_company=True,
        index="btree_not_null",
        copy=False,
        tracking=True,
        groups="itsm_core.group_user,itsm_core.group_auditor",
        help="Without this change the incident would not have happened.",
    )
