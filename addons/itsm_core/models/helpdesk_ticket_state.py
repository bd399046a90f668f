from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, plaintext2html

from .helpdesk_ticket_stage import DONE_STATES, ITSM_STATES
from .itsm_ticket_span import PENDING_REASONS


class HelpdeskTicket(models.Model):
    """Where a ticket stands: states, gates, dates and recorded spans."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "itsm.ticket.dates.mixin"]

    # What follows from other fields goes into the row when it is inserted, and needs
    # no update of it right after.
    team_id = fields.Many2one(compute="_compute_team_id", precompute=True)
    stage_id = fields.Many2one(compute="_compute_stage_id", precompute=True)
    user_id = fields.Many2one(compute="_compute_user_id", precompute=True)
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", precompute=True
    )
    unattended = fields.Boolean(related="stage_id.unattended", precompute=True)
    itsm_state = fields.Selection(
        ITSM_STATES,
        string="State",
        compute="_compute_itsm_state",
        store=True,
        precompute=True,
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
        precompute=True,
        copy=False,
    )
    resolved_date = fields.Datetime(
        string="Resolved",
        compute="_compute_itsm_state",
        store=True,
        precompute=True,
        copy=False,
    )
    closed_date = fields.Datetime(
        string="Closed On",
        compute="_compute_itsm_state",
        store=True,
        precompute=True,
        copy=False,
    )
    reopen_count = fields.Integer(
        string="Reopened",
        compute="_compute_itsm_state",
        store=True,
        precompute=True,
        copy=False,
        help="How often the ticket came back after it was resolved or closed.",
    )
    pending_reason = fields.Selection(
        PENDING_REASONS,
        string="Waiting For",
        compute="_compute_pending_reason",
        store=True,
        precompute=True,
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
