from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, plaintext2html

from ..tools.uninstall import guard_unlink
from .helpdesk_ticket_stage import DONE_STATES, ITSM_STATES
from .itsm_ticket_span import PENDING_REASONS, SPAN_ATTRIBUTES

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
    """Where a ticket stands: states, gates, dates and recorded spans."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "itsm.ticket.dates.mixin"]

    itsm_state = fields.Selection(
        ITSM_STATES,
        string="State",
        compute="_compute_itsm_state",
        store=True,
        index=True,
    )
    opened_at = fields.Datetime(
        string="Opened",
        default=fields.Datetime.now,
        readonly=True,
        copy=False,
        index=True,
    )
    state_since = fields.Datetime(
        string="In This State Since",
        compute="_compute_itsm_state",
        store=True,
        copy=False,
    )
    resolved_date = fields.Datetime(
        string="Resolved", compute="_compute_itsm_state", store=True, copy=False
    )
    closed_date = fields.Datetime(
        string="Closed On", compute="_compute_itsm_state", store=True, copy=False
    )
    reopen_count = fields.Integer(
        string="Reopened",
        compute="_compute_itsm_state",
        store=True,
        copy=False,
        help="How often the ticket came back after it was resolved or closed.",
    )
    pending_reason = fields.Selection(
        PENDING_REASONS,
        string="Waiting For",
        compute="_compute_pending_reason",
        store=True,
        readonly=False,
        copy=False,
        tracking=True,
    )
    resolution_code_id = fields.Many2one(
        "itsm.resolution.code",
        copy=False,
        tracking=True,
        ondelete="restrict",
        check_company=True,
    )
    resolution = fields.Text(
        copy=False,
        tracking=True,
        help="What was done, in words the customer understands.",
    )
    span_ids = fields.One2many(
        "itsm.ticket.span",
        "ticket_id",
        string="Spans",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )

    _open_by_team_index = models.Index(
        "(team_id, due_date, priority DESC, id)"
        " WHERE itsm_state IN ('new', 'open', 'pending')"
    )

    # ------------------------------------------------------------------
    # Computes: what follows from the stage
    # ------------------------------------------------------------------

    @api.depends("team_id")
    def _compute_stage_id(self):
        """Keep the state when a ticket goes to a team that has other stages."""
        applicable = {
            team: team._get_applicable_stages() for team in {t.team_id for t in self}
        }
        for ticket in self:
            state = ticket.stage_id.itsm_state
            stages = applicable[ticket.team_id]
            if ticket.stage_id not in stages:
                same = stages.filtered(lambda stage, s=state: stage.itsm_state == s)
                ticket.stage_id = same[:1] or stages[:1]

    # Deliberately not on "stage_id.itsm_state": giving a stage another meaning
    # moves its tickets in SQL (see helpdesk.ticket.stage), however many there are.
    @api.depends("stage_id")
    def _compute_itsm_state(self):
        """Take the state from the stage and date the move.

        State and dates are one method, so that they always reach the database
        together: what it holds is the last state that was dated.
        """
        stored = self._get_stored_states()
        now = fields.Datetime.now()
        for ticket in self:
            state = ticket.stage_id.itsm_state or "new"
            opened = ticket.opened_at or now
            old_state, since, resolved, closed, reopened = stored.get(
                ticket._origin.id, (None, opened, None, None, 0)
            )
            if state != old_state:
                moment = now if old_state else opened
                since = moment
                if state not in DONE_STATES:
                    reopened += old_state in DONE_STATES
                    resolved = closed = None
                elif state == "resolved":
                    resolved, closed = moment, None
                elif state == "closed":
                    resolved, closed = resolved or moment, moment
                else:
                    resolved, closed = None, moment
            ticket.itsm_state = state
            ticket.state_since = since
            ticket.resolved_date = resolved
            ticket.closed_date = closed
            ticket.reopen_count = reopened

    def _get_stored_states(self):
        """Return ``{id: (state, since, resolved, closed, reopened)}`` as flushed."""
        if not self._origin.ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT id, itsm_state, state_since, resolved_date, closed_date,"
                " COALESCE(reopen_count, 0) FROM helpdesk_ticket"
                " WHERE id = ANY(%s) AND itsm_state IS NOT NULL",
                self._origin.ids,
            )
        )
        return {row[0]: row[1:] for row in rows}

    @api.depends("itsm_state")
    def _compute_pending_reason(self):
        for ticket in self:
            if ticket.itsm_state != "pending":
                ticket.pending_reason = False

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    @api.constrains("stage_id", "pending_reason")
    def _check_pending_reason(self):
        for ticket in self:
            if ticket.itsm_state == "pending" and not ticket.pending_reason:
                raise ValidationError(
                    self.env._(
                        "Say what %(ticket)s waits for: customer, supplier, change, "
                        "approval or a planned date.",
                        ticket=ticket.display_name,
                    )
                )
            if ticket.pending_reason and ticket.itsm_state != "pending":
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is not pending, so it waits for nothing. Set it "
                        "pending, or leave the reason empty.",
                        ticket=ticket.display_name,
                    )
                )

    @api.constrains("stage_id", "ticket_type", "resolution_code_id", "resolution")
    def _check_resolution(self):
        for ticket in self:
            if (
                ticket.itsm_state in ("resolved", "closed")
                and ticket.ticket_type == "incident"
                and not (
                    ticket.resolution_code_id and (ticket.resolution or "").strip()
                )
            ):
                raise ValidationError(
                    self.env._(
                        "Give %(ticket)s a resolution code and describe the "
                        "resolution before you resolve or close it.",
                        ticket=ticket.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Moves
    # ------------------------------------------------------------------

    def _itsm_move(self, state, **values):
        """Move tickets to the first stage of a state that their team uses.

        :param str state: one of ``ITSM_STATES``
        :param values: further values written in the same go, for the gates
        :raise UserError: where a team has no stage of that state
        :raise ValidationError: where a gate is not met
        """
        by_stage = {}
        stages = self.env["helpdesk.ticket.team"]._get_stages_by_state(self, state)
        for ticket in self:
            stage = ticket.stage_id
            if stage.itsm_state != state:
                stage = stages[ticket]
            by_stage[stage] = by_stage.get(stage, self.browse()) | ticket
        for stage, tickets in by_stage.items():
            tickets.write({"stage_id": stage.id, **values})

    def action_take(self):
        """Assign the tickets to oneself and start work on the new ones."""
        outside = self.filtered(
            lambda ticket: (
                ticket.team_id and self.env.user not in ticket.team_id.user_ids
            )
        )
        if outside:
            raise UserError(
                self.env._(
                    "You are not a member of %(teams)s, so you cannot take "
                    "%(tickets)s. Hand the ticket over to your team first.",
                    teams=", ".join(outside.team_id.mapped("name")),
                    tickets=", ".join(outside.mapped("number")),
                )
            )
        self._check_not_taken()
        self.write({"user_id": self.env.uid})
        self.filtered(lambda ticket: ticket.itsm_state == "new")._itsm_move("open")

    def action_resume(self):
        """Go on with work on pending tickets."""
        self._itsm_move("open")

    def action_reopen(self):
        """Take resolved or closed tickets up again."""
        self._itsm_move("open")

    def action_close(self):
        """Close tickets that are resolved."""
        self._itsm_move("closed")

    def _post_note(self, text):
        """Log an internal note on each of these tickets, if there is a text.

        :param str text: plain text; line breaks are kept
        """
        if text and text.strip():
            body = plaintext2html(text)
            self._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

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
            # first moment on, whatever else happens to it: writing the state, which
            # is computed after the row is there, records them.
            tickets.flush_recordset(SPAN_ATTRIBUTES)
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
        """Give new tickets the first stage of their team, one search per team."""
        Team = self.env["helpdesk.ticket.team"]
        first = {}
        if "stage_id" in self.default_get(["stage_id"]):
            return
        default_team = self.env.context.get("default_team_id")
        for vals in vals_list:
            if vals.get("stage_id"):
                continue
            team_id = vals.get("team_id") or default_team or False
            if team_id not in first:
                first[team_id] = Team.browse(team_id)._get_applicable_stages()[:1].id
            vals["stage_id"] = first[team_id]

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
