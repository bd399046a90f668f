from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.uninstall import guard_unlink

ITSM_STATES = [
    ("new", "New"),
    ("open", "In Progress"),
    ("pending", "Pending"),
    ("resolved", "Resolved"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
#: There is work left.
UNFINISHED_STATES = ("new", "open", "pending")
#: Work is over; ``closed`` and ``unattended`` of helpdesk_mgmt follow from these.
DONE_STATES = ("resolved", "closed", "cancelled")
FINAL_STATES = ("closed", "cancelled")


class HelpdeskTicketStage(models.Model):
    _name = "helpdesk.ticket.stage"
    _inherit = ["helpdesk.ticket.stage", "itsm.cached.policy.mixin"]

    itsm_state = fields.Selection(
        ITSM_STATES,
        string="Meaning",
        required=True,
        default="open",
        help="What the stage means to clocks, gates and reports, whatever its name.",
    )
    ticket_count = fields.Integer(compute="_compute_ticket_count")

    def _compute_ticket_count(self):
        tickets = self.env["helpdesk.ticket"].with_context(active_test=False)
        counts = tickets._count_by("stage_id", self)
        for stage in self:
            stage.ticket_count, _unfinished = counts[stage]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._align_flags(vals, new=True) for vals in vals_list])

    def write(self, vals):
        vals = self._align_flags(vals)
        remapped = self.filtered(
            lambda stage: vals.get("itsm_state", stage.itsm_state) != stage.itsm_state
        )
        if not remapped:
            return super().write(vals)
        Ticket = self.env["helpdesk.ticket"].with_context(active_test=False).sudo()
        # sudo: the tickets of every company that shares the stage change with it.
        tickets = Ticket.search([("stage_id", "in", remapped.ids)], order="id")
        # Kept from the ORM, which would go through them one by one; see below.
        with self.env.protecting([Ticket._fields["unattended"]], tickets):
            result = super().write(vals)
        remapped._remap_tickets()
        return result

    @api.model
    def _align_flags(self, vals, new=False):
        """Return the values with meaning and helpdesk_mgmt's two flags agreeing.

        The meaning decides. Where only a flag is given, as other add-ons do, the
        meaning is taken from it.
        """
        vals = dict(vals)
        if not vals.get("itsm_state") and (new or "closed" in vals):
            if vals.get("closed"):
                vals["itsm_state"] = "closed"
            elif vals.get("unattended"):
                vals["itsm_state"] = "new"
            else:
                vals["itsm_state"] = "open"
        if vals.get("itsm_state"):
            vals["closed"] = vals["itsm_state"] in FINAL_STATES
            vals["unattended"] = vals["itsm_state"] == "new"
        return vals

    def _remap_tickets(self):
        """Let the tickets of these stages take on the new meaning from now on.

        Done in SQL: a stage may hold more tickets than the ORM could move in a
        request. What was recorded before stays as it is.
        """
        Ticket = self.env["helpdesk.ticket"]
        self.env.flush_all()
        now = fields.Datetime.now()
        for stage in self:
            rows = self.env.execute_query(
                SQL(
                    """
                    UPDATE helpdesk_ticket t
                       SET itsm_state = %(state)s,
                           unattended = %(state)s = 'new',
                           state_since = %(now)s,
                           pending_reason = CASE WHEN %(state)s = 'pending'
                               THEN COALESCE(t.pending_reason, 'planned') END,
                           reopen_count = COALESCE(t.reopen_count, 0) + CASE
                               WHEN t.itsm_state = ANY(%(done)s)
                                AND %(state)s <> ALL(%(done)s) THEN 1 ELSE 0 END,
                           resolved_date = CASE
                               WHEN %(state)s IN ('resolved', 'closed')
                               THEN COALESCE(t.resolved_date, %(now)s) END,
                           closed_date = CASE WHEN %(state)s = ANY(%(final)s)
                               THEN COALESCE(t.closed_date, %(now)s) END
                     WHERE t.stage_id = %(stage)s
                       AND t.itsm_state IS DISTINCT FROM %(state)s
                 RETURNING t.id
                    """,
                    state=stage.itsm_state,
                    stage=stage.id,
                    now=now,
                    done=list(DONE_STATES),
                    final=list(FINAL_STATES),
                )
            )
            if rows:
                self.env["itsm.ticket.span"]._record([row[0] for row in rows])
        Ticket.invalidate_model(flush=False)

    def action_remap(self):
        """Open the dialogue that changes the meaning of a stage in use."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change Meaning"),
            "res_model": "itsm.stage.remap",
            "view_mode": "form",
            "target": "new",
            "context": {"default_stage_id": self.id},
        }

    @guard_unlink
    def _unlink_only_unused(self):
        if self.filtered("ticket_count"):
            raise UserError(
                self.env._("Tickets are in this stage. Archive it or move them first.")
            )
