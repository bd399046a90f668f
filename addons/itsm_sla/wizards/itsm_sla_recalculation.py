from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from odoo.addons.itsm_core.models.helpdesk_ticket_stage import DONE_STATES

from ..models.itsm_sla_clock import STATES

BATCH = 1000
#: So many changes are shown; all of them are counted and applied.
SHOWN_AT_MOST = 200
#: What of a clock counts as a change.
COMPARED = ("state", "due", "stop", "missed_at", "limit_seconds", "used_seconds")


class ItsmSlaRecalculation(models.TransientModel):
    """Applies a corrected calendar or agreement to open tickets, after a preview."""

    _name = "itsm.sla.recalculation"
    _description = "Recalculate Open Tickets"

    agreement_id = fields.Many2one("itsm.agreement", readonly=True)
    calendar_id = fields.Many2one("resource.calendar", string="Hours", readonly=True)
    reason = fields.Char(
        help="Kept on each ticket whose clocks change.",
    )
    ticket_count = fields.Integer(string="Tickets Looked At", readonly=True)
    change_count = fields.Integer(string="Clocks That Change", readonly=True)
    line_ids = fields.One2many(
        "itsm.sla.recalculation.line", "recalculation_id", readonly=True
    )

    @api.model
    def _open(self, **values):
        """Return the action that shows the preview.

        :param values: the agreement or calendar, by the name of its field
        """
        recalculation = self.create(values)
        recalculation._preview()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Recalculate Open Tickets"),
            "res_model": self._name,
            "res_id": recalculation.id,
            "view_mode": "form",
            "target": "new",
        }

    def _get_ticket_ids(self):
        """Return the ids of the unfinished tickets that can be concerned."""
        domain = [("itsm_state", "not in", DONE_STATES)]
        if self.agreement_id:
            domain.append(("company_id", "=", self.agreement_id.company_id.id))
        else:
            domain.append(("sla_clock_ids.calendar_id", "=", self.calendar_id.id))
        return self.env["helpdesk.ticket"].search(domain, order="id").ids

    def _find_changes(self, ticket_ids):
        """Return ``{(ticket id, target id): (before, after)}`` of clocks that change.

        Before and after are dictionaries of what is compared, or None.
        """
        # sudo: clocks are worked out for whomever; shown are those of tickets that
        # the user found.
        Clock = self.env["itsm.sla.clock"].sudo()
        before = {
            (clock.ticket_id.id, clock.target_id.id): {
                name: None if clock[name] is False else clock[name] for name in COMPARED
            }
            for clock in Clock.search([("ticket_id", "in", ticket_ids)])
        }
        after = {
            (row["ticket_id"], row["target_id"]): {name: row[name] for name in COMPARED}
            for row in Clock._work_out(ticket_ids)
        }
        gone = {"state": "cancelled", "due": None, "missed_at": None}
        return {
            key: (before.get(key), after.get(key))
            for key in sorted(before.keys() | after.keys())
            if before.get(key) != after.get(key, {**before.get(key, {}), **gone})
        }

    def _preview(self):
        """Look what would change, and change nothing."""
        self.ensure_one()
        ticket_ids = self._get_ticket_ids()
        changes = {}
        for batch in split_every(BATCH, ticket_ids, list):
            changes.update(self._find_changes(batch))
        self.write(
            {
                "ticket_count": len(ticket_ids),
                "change_count": len(changes),
                "line_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "ticket_id": ticket_id,
                            "target_id": target_id,
                            "state_before": (before or {}).get("state"),
                            "state_after": (after or {"state": "cancelled"})["state"],
                            "due_before": (before or {}).get("due"),
                            "due_after": (after or {}).get("due"),
                            "left_before": _get_seconds_left(before),
                            "left_after": _get_seconds_left(after),
                            "missed_before": bool((before or {}).get("missed_at")),
                            "missed_after": bool((after or {}).get("missed_at")),
                        }
                    )
                    for (ticket_id, target_id), (before, after) in list(
                        changes.items()
                    )[:SHOWN_AT_MOST]
                ],
            }
        )

    def action_apply(self):
        """Work the clocks of all these tickets out anew, and say so on them.

        :raise UserError: without a reason
        """
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("Say why: the reason is kept on each ticket that changes.")
            )
        note = self.env._(
            "Service levels were worked out again: %(reason)s", reason=self.reason
        )
        for batch in split_every(BATCH, self._get_ticket_ids(), list):
            changed = {ticket_id for ticket_id, _target in self._find_changes(batch)}
            if changed:
                # sudo: nobody writes clocks but the sync.
                self.env["itsm.sla.clock"].sudo()._sync(sorted(changed), corrected=True)
                self.env["helpdesk.ticket"].browse(sorted(changed))._post_note(note)
        return {"type": "ir.actions.act_window_close"}


def _get_seconds_left(clock):
    """Return the service time that was left at the last event, or 0 without it."""
    return clock["limit_seconds"] - clock["used_seconds"] if clock else 0


class ItsmSlaRecalculationLine(models.TransientModel):
    """One clock that would change."""

    _name = "itsm.sla.recalculation.line"
    _description = "Change of a Clock"

    recalculation_id = fields.Many2one(
        "itsm.sla.recalculation", required=True, ondelete="cascade"
    )
    ticket_id = fields.Many2one("helpdesk.ticket", ondelete="cascade")
    target_id = fields.Many2one("itsm.agreement.target", ondelete="cascade")
    state_before = fields.Selection(STATES, string="Was")
    state_after = fields.Selection(STATES, string="Becomes")
    due_before = fields.Datetime(string="Was Due")
    due_after = fields.Datetime(string="Becomes Due")
    left_before = fields.Integer(
        string="Was Left", help="Service time left at the last event, in seconds."
    )
    left_after = fields.Integer(
        string="Becomes Left", help="Service time left at the last event, in seconds."
    )
    missed_before = fields.Boolean(string="Was Missed")
    missed_after = fields.Boolean(string="Becomes Missed")
