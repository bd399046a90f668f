from odoo import models
from odoo.exceptions import UserError

from .helpdesk_ticket_stage import DONE_STATES, FINAL_STATES, UNFINISHED_STATES

NAMED_AT_MOST = 10


class HelpdeskTicket(models.Model):
    """What agents do with tickets: one by one or many at once, all or nothing."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    def _has_field_access(self, field, operation):
        """Leave archiving to managers, so that nobody else is offered it."""
        return super()._has_field_access(field, operation) and (
            operation == "read"
            or field.name != "active"
            or self.env.su
            or self.env.user.has_group("itsm_core.group_manager")
        )

    # ------------------------------------------------------------------
    # Which tickets can be dealt with
    # ------------------------------------------------------------------

    def _check_unfinished(self):
        """Refuse tickets on which the work is over.

        :raise UserError: naming them
        """
        wrong = self._name_those_not_in(UNFINISHED_STATES)
        if wrong:
            raise UserError(
                self.env._(
                    "This can be done with unfinished tickets only. Reopen or leave "
                    "out: %(tickets)s",
                    tickets=wrong,
                )
            )

    def _check_not_final(self):
        """Refuse closed and cancelled tickets.

        :raise UserError: naming them
        """
        wrong = self._name_those_not_in((*UNFINISHED_STATES, "resolved"))
        if wrong:
            raise UserError(
                self.env._(
                    "This cannot be done with closed or cancelled tickets. Reopen or "
                    "leave out: %(tickets)s",
                    tickets=wrong,
                )
            )

    def _name_those_not_in(self, states):
        """Return the numbers and states of tickets in other states than these.

        :param states: collection of ``itsm_state`` values
        :return: text for a message, empty where all are in these states
        :rtype: str
        """
        wrong = self.filtered(lambda ticket: ticket.itsm_state not in states)
        labels = dict(self._fields["itsm_state"]._description_selection(self.env))
        named = ", ".join(
            f"{ticket.number} ({labels.get(ticket.itsm_state, '')})"
            for ticket in wrong[:NAMED_AT_MOST]
        )
        if len(wrong) <= NAMED_AT_MOST:
            return named
        return self.env._(
            "%(tickets)s and %(count)s more",
            tickets=named,
            count=len(wrong) - NAMED_AT_MOST,
        )

    # ------------------------------------------------------------------
    # At once
    # ------------------------------------------------------------------

    def action_take(self):
        self._check_unfinished()
        return super().action_take()

    def _check_not_taken(self):
        """Refuse tickets in the hands of somebody whom the agent did not see there.

        Of two agents who take a ticket at the same moment, the second is told of the
        first. Who sees a colleague's name on the form may take over, and the form says
        in the context whom it shows.

        :raise UserError: naming tickets and colleagues
        """
        seen = (False, self.env.uid, self.env.context.get("itsm_seen_user_id"))
        taken = self.filtered(
            lambda ticket: ticket.user_id.id not in seen and ticket.user_id.active
        )
        if taken:
            raise UserError(
                self.env._(
                    "Somebody else has taken %(tickets)s. To take over from a "
                    "colleague, open the ticket anew and press Take there.",
                    tickets=", ".join(
                        f"{ticket.number} ({ticket.user_id.name})"
                        for ticket in taken[:NAMED_AT_MOST]
                    ),
                )
            )

    def action_resume(self):
        wrong = self._name_those_not_in(("pending",))
        if wrong:
            raise UserError(
                self.env._(
                    "Only pending tickets can be resumed. Leave out: %(tickets)s",
                    tickets=wrong,
                )
            )
        return super().action_resume()

    def action_reopen(self):
        wrong = self._name_those_not_in((*DONE_STATES, "open"))
        if wrong:
            raise UserError(
                self.env._(
                    "Only resolved, closed or cancelled tickets can be reopened. "
                    "Leave out: %(tickets)s",
                    tickets=wrong,
                )
            )
        return super().action_reopen()

    def action_close(self):
        wrong = self._name_those_not_in(("resolved",))
        if wrong:
            raise UserError(
                self.env._(
                    "Only resolved tickets can be closed. Resolve first or leave "
                    "out: %(tickets)s",
                    tickets=wrong,
                )
            )
        return super().action_close()

    # ------------------------------------------------------------------
    # Through a dialogue
    # ------------------------------------------------------------------

    def action_pend(self):
        """Ask what the tickets wait for, and set them pending."""
        self._check_unfinished()
        return self._open_dialogue("itsm.ticket.pend.wizard", self.env._("Set Pending"))

    def action_resolve(self):
        """Ask for code and text, and resolve the tickets."""
        self._check_unfinished()
        return self._open_dialogue("itsm.ticket.resolve.wizard", self.env._("Resolve"))

    def action_hand_over(self):
        """Ask to whom the tickets go."""
        self._check_not_final()
        return self._open_dialogue(
            "itsm.ticket.handover.wizard",
            self.env._("Hand Over"),
            default_team_id=self.team_id.id if len(self.team_id) == 1 else False,
        )

    def action_cancel(self):
        """Ask for the reason, and cancel the tickets."""
        self._check_unfinished()
        return self._open_dialogue(
            "itsm.ticket.cancel.wizard", self.env._("Cancel Tickets")
        )

    def action_override_priority(self):
        self._check_not_final()
        return super().action_override_priority()

    def action_move_to_stage(self, stage_id):
        """Move tickets to a stage, or ask first for what its gate needs.

        Behind the status bar and the columns of the kanban view.

        :param int stage_id: a ``helpdesk.ticket.stage``
        :return: a dialogue to open, or False where the tickets have been moved
        :rtype: dict or bool
        """
        stage = self.env["helpdesk.ticket.stage"].browse(stage_id)
        dialogue = self._get_gate_dialogue(stage.itsm_state)
        if dialogue:
            dialogue["context"]["default_stage_id"] = stage.id
            return dialogue
        self.write({"stage_id": stage.id})
        return False

    def _get_gate_dialogue(self, state):
        """Return the dialogue that asks for what a state needs, if it has to."""
        if state == "pending" and not all(self.mapped("pending_reason")):
            return self.action_pend()
        if state == "cancelled" and not set(self.mapped("itsm_state")).issubset(
            FINAL_STATES
        ):
            return self.action_cancel()
        if state in ("resolved", "closed") and self.filtered(
            lambda ticket: (
                ticket.itsm_state in UNFINISHED_STATES
                and not (ticket.resolution_code_id and ticket.resolution)
            )
        ):
            return self.action_resolve()
        return False
