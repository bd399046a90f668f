from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.uninstall import guard_unlink
from .helpdesk_ticket_stage import DONE_STATES
from .itsm_ticket_span import SPAN_ATTRIBUTES

#: Key for the code that loads recorded history. Clients send JSON, which cannot
#: carry this very object, so none of them can open the lock with their context.
HISTORY = object()
HISTORY_KEY = "itsm_history"

#: Written by the state and by messages, never by a client.
FACT_FIELDS = frozenset(
    {
        "opened_at",
        "state_since",
        "itsm_state",
        "resolved_date",
        "closed_date",
        "reopen_count",
        "first_response_date",
        "last_contact_date",
        "is_closing_announced",
        "closing_from",
    }
)


class HelpdeskTicket(models.Model):
    """The facts of a ticket: set by what happens to it, recorded, and never by hand."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    span_ids = fields.One2many(
        "itsm.ticket.span",
        "ticket_id",
        string="Spans",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )

    def _is_loading_history(self):
        """Tell whether recorded history is being loaded (server code only)."""
        return self.env.context.get(HISTORY_KEY) is HISTORY

    def _check_facts_untouched(self, vals):
        """Refuse values that only events may set.

        :raise UserError: naming the fields
        """
        facts = FACT_FIELDS.intersection(vals)
        if facts and not self._is_loading_history():
            labels = self.fields_get(list(facts), ["string"])
            raise UserError(
                self.env._(
                    "%(fields)s cannot be set by hand: the dates and counts of a "
                    "ticket follow from what happens to it. To load older tickets, "
                    "use Settings / Import Incidents.",
                    fields=", ".join(sorted(lab["string"] for lab in labels.values())),
                )
            )

    @api.model
    def default_get(self, fields):
        """Leave out what nobody may choose, be it by context or as a user default."""
        defaults = super().default_get(fields)
        return {
            name: value
            for name, value in defaults.items()
            if name not in FACT_FIELDS and name not in ("priority", "priority_override")
        }

    @api.model_create_multi
    def create(self, vals_list):
        prepared = []
        now = fields.Datetime.now()
        for vals in vals_list:
            self._check_facts_untouched(vals)
            prepared.append({"opened_at": now, **self._with_priority_reason(vals)})
        self._preset_stages(prepared)
        self._preset_numbers(prepared)
        tickets = super().create(prepared)
        if not self._is_loading_history():
            # Here and not at the next flush, so that a ticket has its facts from its
            # first moment on, whatever else happens to it.
            tickets.flush_recordset(SPAN_ATTRIBUTES)
            self.env["itsm.ticket.span"]._begin(tickets.ids)
        return tickets

    def write(self, vals):
        self._check_facts_untouched(vals)
        if "active" in vals and not (
            self.env.su or self.env.user.has_group("itsm_core.group_manager")
        ):
            raise AccessError(
                self.env._("Only a process manager can archive or restore tickets.")
            )
        vals = self._with_priority_reason(vals)
        if "stage_id" in vals:
            # Every move counts, also when a transaction makes several.
            self.flush_recordset(["itsm_state"])
        stage = self.env["helpdesk.ticket.stage"].browse(vals.get("stage_id"))
        reopened = self.browse()
        if stage and stage.itsm_state not in DONE_STATES:
            # A ticket that comes back needs a new resolution; the old one is in
            # its history.
            reopened = self.filtered(lambda ticket: ticket.itsm_state in DONE_STATES)
            super(HelpdeskTicket, reopened).write(
                {"resolution_code_id": False, "resolution": False, **vals}
            )
        return super(HelpdeskTicket, self - reopened).write(vals)

    @api.model
    def _preset_stages(self, vals_list):
        """Give new tickets the first stage of their team."""
        Team = self.env["helpdesk.ticket.team"]
        if "stage_id" in self.default_get(["stage_id"]):
            return
        default_team = self.env.context.get("default_team_id")
        for vals in vals_list:
            if vals.get("stage_id"):
                continue
            team_id = vals.get("team_id") or default_team or False
            vals["stage_id"] = Team._get_first_stage_id(team_id, self.env.company.id)

    @api.model
    def _preset_numbers(self, vals_list):
        """Number new tickets, with a few queries however many they are."""
        by_company = {}
        for vals in vals_list:
            if vals.get("number", "/") == "/":
                team = self.env["helpdesk.ticket.team"].browse(vals.get("team_id"))
                company = team.company_id.id or vals.get("company_id")
                by_company.setdefault(company, []).append(vals)
        for company_id, numberless in by_company.items():
            numbers = self.env["ir.sequence"]._next_batch_by_code(
                "helpdesk.ticket.sequence",
                len(numberless),
                self.env["res.company"].browse(company_id),
            )
            for vals, number in zip(numberless, numbers, strict=False):
                vals["number"] = number

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        changed = [
            ticket.id
            for ticket, vals in zip(self, vals_list, strict=True)
            if not vals.keys().isdisjoint(SPAN_ATTRIBUTES)
        ]
        if changed:
            self.env["itsm.ticket.span"]._record(changed)
        return result

    @guard_unlink
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Tickets are records of what happened and cannot be deleted. "
                "Cancel them, or let a process manager archive them."
            )
        )
