from odoo import fields, models
from odoo.exceptions import UserError

from .helpdesk_ticket_facts import HISTORY, HISTORY_KEY

#: Where a loaded ticket comes from, written by the history loader only.
HISTORY_FIELDS = frozenset(
    {
        "history_source",
        "history_number",
        "history_until",
        "history_rows",
        "history_import_id",
        "is_history",
    }
)


class HelpdeskTicket(models.Model):
    """Tickets whose history was loaded from another system."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    history_source = fields.Char(
        string="Source System",
        readonly=True,
        copy=False,
        help="The system in which this ticket was recorded at first.",
    )
    history_number = fields.Char(
        string="Number in the Source", readonly=True, copy=False
    )
    history_until = fields.Datetime(
        string="History Loaded Until", readonly=True, copy=False
    )
    history_rows = fields.Integer(string="Rows Loaded", readonly=True, copy=False)
    history_import_id = fields.Many2one(
        "itsm.import",
        string="Loaded By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )
    is_history = fields.Boolean(
        string="Untouched History",
        readonly=True,
        copy=False,
        help="The ticket stands where its source left it. Nothing is mailed, "
        "escalated or closed by itself until somebody moves it here.",
    )
    assignee_name = fields.Char(
        string="Assignee in the Source",
        readonly=True,
        copy=False,
        help="Who worked on it there, where this is no user here.",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )

    # A second load finds what the first one made, whoever runs it.
    _history_unique = models.UniqueIndex(
        "(company_id, history_source, history_number) WHERE history_source IS NOT NULL",
        "This ticket of the source system has been loaded already.",
    )
    _number_index = models.Index("(number)")

    def _check_facts_untouched(self, vals):
        if not HISTORY_FIELDS.isdisjoint(vals) and not self._is_loading_history():
            raise UserError(
                self.env._(
                    "Where a ticket was loaded from cannot be set by hand. Use "
                    "Settings / Import Incidents."
                )
            )
        return super()._check_facts_untouched(vals)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("stage_id") and not self._is_loading_history():
            # From now on it is a ticket like any other. sudo: a customer whose
            # answer moves it can neither read nor write the field.
            moved = self.sudo().filtered("is_history")
            moved.with_context(**{HISTORY_KEY: HISTORY}).is_history = False
        return result


class ItsmTicketSpan(models.Model):
    _inherit = "itsm.ticket.span"

    assignee_name = fields.Char(
        string="Assignee in the Source",
        readonly=True,
        help="Who worked on it in the system the ticket was loaded from, where "
        "this is no user here.",
    )
