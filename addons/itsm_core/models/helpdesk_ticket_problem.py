from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .helpdesk_ticket_stage import UNFINISHED_STATES
from .itsm_problem import KNOWN_STATES, UNSOLVED_STATES

STAFF = "itsm_core.group_user,itsm_core.group_auditor"
#: So many known errors are offered for an incident.
OFFERED = 5
#: Points for what an incident has in common with a known error; wording gives up to 1.
SAME_ITEM, SAME_SERVICE = 2, 1
#: Wording less alike than this says nothing, unless item or service are the same.
ALIKE = 0.3


class HelpdeskTicket(models.Model):
    """Incidents: the problem behind them, and known errors that fit."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    problem_id = fields.Many2one(
        "itsm.problem",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        copy=False,
        groups=STAFF,
        help="The cause that this incident shares with others.",
    )
    known_error_ids = fields.Many2many(
        "itsm.problem",
        string="Known Errors That Fit",
        compute="_compute_known_error_ids",
        groups=STAFF,
        help="On the same items or service, or in similar words. Their workaround may "
        "help.",
    )

    @api.depends(
        "name", "ticket_type", "itsm_state", "problem_id", "service_id", "ci_ids"
    )
    def _compute_known_error_ids(self):
        asked = self.filtered(
            lambda ticket: (
                ticket.ticket_type == "incident"
                and ticket.itsm_state in UNFINISHED_STATES
                and not ticket.problem_id
            )
        )
        found = asked._match_known_errors()
        for ticket in self:
            ticket.known_error_ids = found.get(ticket, self.env["itsm.problem"])

    def _match_known_errors(self):
        """Return ``{ticket: known errors}``, the best first, in a few queries.

        Points are given for the same items, the same service and similar words.
        """
        Problem = self.env["itsm.problem"]
        known = Problem.search(
            Domain("state", "in", KNOWN_STATES)
            & Domain("company_id", "in", (self.company_id or self.env.company).ids)
        )
        if not known:
            return {}
        known.fetch(["name", "service_id", "ci_ids", "company_id"])
        alike = self._compare_words(known)
        found = {}
        for ticket in self:
            points = {}
            company = ticket.company_id or self.env.company
            for problem in known:
                if problem.company_id != company:
                    continue
                words = alike[ticket].get(problem.id, 0)
                same_item = bool(problem.ci_ids & ticket.ci_ids._origin)
                same_service = bool(
                    problem.service_id
                    and problem.service_id == ticket.service_id._origin
                )
                if same_item or same_service or words >= ALIKE:
                    points[problem] = (
                        SAME_ITEM * same_item + SAME_SERVICE * same_service + words
                    )
            best = sorted(points, key=lambda problem: (-points[problem], problem.id))
            found[ticket] = Problem.union(*best[:OFFERED])
        return found

    def _compare_words(self, problems):
        """Return ``{ticket: {id of problem: likeness of the titles, 0 to 1}}``."""
        alike = defaultdict(dict)
        titles = [(ticket, ticket.name) for ticket in self if ticket.name]
        if not titles or not problems:
            return alike
        if not self.env.registry.has_trigram:
            for ticket, title in titles:
                for problem in problems:
                    alike[ticket][problem.id] = compare_titles(title, problem.name)
            return alike
        rows = self.env.execute_query(
            SQL(
                """
                SELECT title.number, problem.id, similarity(title.text, problem.name)
                  FROM unnest(%s::int[], %s::text[]) AS title(number, text),
                       itsm_problem problem
                 WHERE problem.id = ANY(%s)
                """,
                list(range(len(titles))),
                [title for _ticket, title in titles],
                problems.ids,
            )
        )
        for number, problem_id, likeness in rows:
            alike[titles[number][0]][problem_id] = likeness
        return alike

    def action_open_problem(self):
        """Open the problem behind the ticket, or begin one from it."""
        self.ensure_one()
        if not self.problem_id:
            return self.action_begin_problem()
        return self.problem_id.get_formview_action()

    def action_begin_problem(self):
        """Make a problem of these incidents and open it."""
        return self._make_problem().get_formview_action()

    def _make_problem(self, **values):
        """Make a problem of what these incidents have in common, and link them.

        :param values: of the problem, where something else is known of it
        :raise UserError: for tickets that are no incidents
        """
        if others := self.filtered(lambda ticket: ticket.ticket_type != "incident"):
            raise UserError(
                self.env._(
                    "Problems are the causes of incidents, and %(ticket)s is none.",
                    ticket=others[0].number,
                )
            )
        if linked := self.filtered("problem_id"):
            raise UserError(
                self.env._(
                    "%(ticket)s belongs to %(problem)s already.",
                    ticket=linked[0].number,
                    problem=linked[0].problem_id.display_name,
                )
            )
        first = self.sorted("id")[0]
        problem = self.env["itsm.problem"].create(
            {
                "name": first.name,
                "description": first.description,
                "company_id": (first.company_id or self.env.company).id,
                "service_id": first.service_id.id,
                "category_id": first.category_id.id,
                "team_id": first.team_id.id,
                "ci_ids": [
                    (6, 0, self.ci_ids.filtered(lambda ci: not ci.is_service).ids)
                ],
                "impact": min(self.mapped("impact")),
                "urgency": min(self.mapped("urgency")),
                **values,
            }
        )
        self.problem_id = problem
        return problem

    def _apply_known_error(self, problem):
        """Link incidents to a known error and take its workaround as the resolution.

        They are not resolved by this: whoever works on them sees whether it helped.

        :raise UserError: where it is no known error, or there is nothing to solve
        """
        self._check_unfinished()
        if problem.state not in UNSOLVED_STATES:
            raise UserError(
                self.env._(
                    "%(problem)s is no known error any more.",
                    problem=problem.display_name,
                )
            )
        values = {"problem_id": problem.id}
        text = problem._get_workaround_text()
        if text:
            code = self.env.ref(
                "itsm_core.resolution_workaround", raise_if_not_found=False
            )
            if code:
                values["resolution_code_id"] = code.id
            values["resolution"] = text
        self.write(values)


def compare_titles(first, second):
    """Return how many of the words of two titles are the same, from 0 to 1."""
    words, others = ({*title.lower().split()} for title in (first, second))
    return len(words & others) / len(words | others) if words | others else 0
