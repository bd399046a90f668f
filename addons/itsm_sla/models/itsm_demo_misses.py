from datetime import timedelta

from odoo import api, fields, models

#: Of the misses of the last days, nobody has said yet why.
UNEXPLAINED = timedelta(days=12)
#: So long after the deadline people say why it was missed.
AFTER = timedelta(days=2, hours=3)


class ItsmDemoMisses(models.AbstractModel):
    """Explains what the demo story has missed.

    Called by the demo data and by nothing else.
    """

    _name = "itsm.demo.misses"
    _description = "Misses of the Demo Story"

    @api.model
    def _load(self):
        """Give misses a reason that follows from the ticket, and leave some out."""
        now = fields.Datetime.now()
        clocks = self.env["itsm.sla.clock"].search(
            [("missed_at", "<", now - UNEXPLAINED), ("state", "!=", "cancelled")],
            order="missed_at, id",
        )
        spans = self.env["itsm.ticket.span"].search(
            [("ticket_id", "in", clocks.ticket_id.ids)]
        )
        by_ticket = spans.grouped("ticket_id")
        agent = self.env.ref("itsm_core.demo_user_nair")
        misses = self.env["itsm.sla.miss"].create(
            [
                {
                    "ticket_id": clock.ticket_id.id,
                    "target_id": clock.target_id.id,
                    "reason_id": self._find_reason(clock, by_ticket).id,
                }
                for clock in clocks
            ]
        )
        for miss, clock in zip(misses, clocks, strict=True):
            explained = min(clock.missed_at + AFTER, now)
            miss._load_state(
                "counted",
                explained_by_id=(clock.ticket_id.user_id or agent).id,
                explained_date=explained,
            )
        self._leave_out(misses, by_ticket)

    @api.model
    def _find_reason(self, clock, by_ticket):
        ticket = clock.ticket_id
        spans = by_ticket[ticket]
        waits = set(spans.mapped("pending_reason"))
        if ticket.is_major or ticket.parent_id.is_major:
            name = "major"
        elif clock.metric != "response" and "supplier" in waits:
            name = "supplier"
        elif clock.metric == "response" and len(spans.team_id) > 1:
            name = "assignment"
        elif clock.metric == "response":
            name = "staff"
        elif "customer" in waits:
            name = "information"
        else:
            name = "complexity"
        return self.env.ref(f"itsm_sla.miss_reason_{name}")

    @api.model
    def _leave_out(self, misses, by_ticket):
        """Have exclusions requested by an agent, and decided by somebody else."""
        agent = self.env.ref("itsm_core.demo_user_nair")
        manager = self.env.ref("itsm_core.demo_user_hale")
        others = misses.filtered(
            lambda miss: (
                miss.agreement_id.kind == "sla"
                and manager not in by_ticket[miss.ticket_id].user_id
            )
        ).grouped("reason_id")
        none = misses.browse()
        late = others.get(self.env.ref("itsm_sla.miss_reason_supplier"), none)
        astray = others.get(self.env.ref("itsm_sla.miss_reason_assignment"), none)
        for miss, state, justification in (
            (
                astray[-1:],
                "excluded",
                "Answered on the telephone at once, as the caller confirms.",
            ),
            (late[-2:-1], "refused", "It was the supplier's delay and not ours."),
            (
                late[-1:],
                "requested",
                "The customer asked us to wait for the supplier's next visit.",
            ),
        ):
            if not miss:
                continue
            values = {
                "justification": justification,
                "requested_by_id": agent.id,
                "requested_date": miss.explained_date,
            }
            if state != "requested":
                values |= {
                    "decided_by_id": manager.id,
                    "decided_date": miss.explained_date + timedelta(days=1),
                }
            miss._load_state(state, **values)
