from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import clean_context

TOP_PRIORITY = "3"
TOP_URGENCY = "1"


class ItsmEscalation(models.Model):
    """What rules do about tickets, many at a time."""

    _name = "itsm.escalation"
    _inherit = ["itsm.escalation"]

    def _act(self):
        """Do what the rules say, and note it in the tickets."""
        escalations = self.with_context(clean_context(self.env.context))
        rules = escalations.rule_id.sorted()
        for rule in rules:
            of_rule = escalations.filtered(lambda e, rule=rule: e.rule_id == rule)
            for company, found in of_rule.grouped("company_id").items():
                found.with_context(lang=company.partner_id.lang)._act_as_one()

    def _act_as_one(self):
        """Act for one rule in one company: first what changes who is told."""
        rule = self.rule_id
        tickets = self.ticket_id
        steps = []
        if rule.raise_field:
            steps.append(self._attempt(tickets, self._raise))
        if rule.reassign_team_id or rule.reassign_on_duty:
            steps.append(self._attempt(tickets, self._reassign))
        done = {
            ticket: [step[ticket] for step in steps if step.get(ticket)]
            for ticket in tickets
        }
        on_duty = self._get_on_duty()
        results = {e: list(done[e.ticket_id]) for e in self}
        self._notify(on_duty, results)
        if rule.activity_role:
            self._schedule(on_duty, results)
        if rule.warn_customer:
            self._warn(results)
        for sentences in results.values():
            if not sentences:
                sentences.append(self.env._("There was nothing to do."))
        self._note(results)
        self._store_outcomes(
            {e: " ".join(sentences) for e, sentences in results.items()}
        )

    def _attempt(self, tickets, act):
        """Return ``{ticket: what was done}``, or why it was refused.

        A ticket that cannot be changed does not keep the others from it.
        """
        try:
            with self.env.cr.savepoint():
                return act(tickets)
        except UserError as error:
            if len(tickets) == 1:
                return {
                    tickets: self.env._("This was not possible: %(why)s", why=error)
                }
        result = {}
        for ticket in tickets:
            result |= self._attempt(ticket, act)
        return result

    # ------------------------------------------------------------------
    # Changing tickets
    # ------------------------------------------------------------------

    def _raise(self, tickets):
        name = self.rule_id.raise_field
        raised = self.search(
            [
                ("rule_id", "=", self.rule_id.id),
                ("ticket_id", "in", tickets.ids),
                ("id", "not in", self.ids),
            ]
        ).ticket_id
        result = {}
        for value, group in (tickets - raised).grouped(name).items():
            if value == (TOP_PRIORITY if name == "priority" else TOP_URGENCY):
                continue
            if name == "priority":
                after = str(int(value or "0") + 1)
                group._override_priority(
                    after,
                    self.env._("Escalated by “%(rule)s”", rule=self.rule_id.name),
                )
            else:
                after = str(int(value) - 1)
                group.write({"urgency": after})
            labels = dict(tickets._fields[name]._description_selection(self.env))
            text = self.env._(
                "%(field)s raised from %(before)s to %(after)s.",
                field=tickets._fields[name]._description_string(self.env),
                before=labels.get(value, ""),
                after=labels[after],
            )
            result.update(dict.fromkeys(group, text))
        return result

    def _reassign(self, tickets):
        rule = self.rule_id
        moves = defaultdict(tickets.browse)
        result = {}
        team_of = {
            ticket: rule.reassign_team_id or ticket.team_id for ticket in tickets
        }
        on_duty = {}
        if rule.reassign_on_duty:
            teams = tickets.team_id.union(*team_of.values())
            on_duty = teams._get_on_duty_batch()
        for index, ticket in enumerate(tickets):
            team = team_of[ticket]
            users = on_duty.get(team, self.env["res.users"])
            # In turn, so that nobody on duty gets all of them.
            user = users and users[index % len(users)]
            if user and ticket.user_id not in users:
                moves[team, user] |= ticket
            elif team != ticket.team_id:
                moves[team, ticket.user_id & team.user_ids] |= ticket
            elif rule.reassign_on_duty and not users:
                result[ticket] = self.env._("Nobody is on duty to assign it to.")
        for (team, user), group in moves.items():
            group.write({"team_id": team.id, "user_id": user.id})
            for ticket in group:
                result[ticket] = self.env._(
                    "Assigned to %(team)s, %(user)s.",
                    team=team.name or "–",
                    user=ticket.user_id.name or self.env._("nobody yet"),
                )
        return result
