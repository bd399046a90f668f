from collections import namedtuple
from datetime import datetime, time, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ..tools.boolean_search import boolean_search
from .itsm_action import OPEN_STATES

#: Incidents of the same kind are counted from ``start`` to ``resolved``, and from
#: there to ``stop``: for the same number of days.
Periods = namedtuple("Periods", "start resolved stop days")


class ItsmProblem(models.Model):
    """Problems: what was done about them, and whether it helped."""

    _name = "itsm.problem"
    _inherit = ["itsm.problem"]

    review_date = fields.Date(
        string="Review On",
        copy=False,
        tracking=True,
        help="When it is looked at whether the solution helped: so many days after it "
        "as the settings say, or another day.",
    )
    effectiveness = fields.Selection(
        [
            ("effective", "Effective"),
            ("partly", "Partly Effective"),
            ("ineffective", "Not Effective"),
        ],
        copy=False,
        tracking=True,
        help="Whether incidents of this kind have stopped.",
    )
    review_note = fields.Text(
        string="Result of the Review",
        copy=False,
        tracking=True,
        help="What the numbers say, and what follows from them.",
    )
    is_review_due = fields.Boolean(
        string="Review Due",
        compute="_compute_is_review_due",
        search="_search_is_review_due",
    )
    compared_days = fields.Integer(
        compute="_compute_compared",
        help="Days since the solution, and as many before it, that are compared.",
    )
    before_count = fields.Integer(string="Before", compute="_compute_compared")
    after_count = fields.Integer(string="Since", compute="_compute_compared")

    @api.depends_context("tz")
    @api.depends("state", "review_date")
    def _compute_is_review_due(self):
        today = fields.Date.context_today(self)
        for problem in self:
            problem.is_review_due = (
                problem.state == "resolved"
                and bool(problem.review_date)
                and problem.review_date <= today
            )

    @boolean_search
    def _search_is_review_due(self):
        return Domain("state", "=", "resolved") & Domain(
            "review_date", "<=", fields.Date.context_today(self)
        )

    @api.depends("resolved_date", "closed_date")
    def _compute_compared(self):
        Ticket = self.env["helpdesk.ticket"]
        self.update({"compared_days": 0, "before_count": 0, "after_count": 0})
        # One problem is shown at a time: lists do not ask for this.
        for problem in self.filtered("resolved_date"):
            start, resolved, stop, problem.compared_days = problem._get_periods()
            problem.before_count, problem.after_count = (
                Ticket.search_count(problem._find_alike(*period))
                for period in ((start, resolved), (resolved, stop))
            )

    def _get_periods(self):
        """Return the `Periods` to compare, in UTC, or None while it is not resolved.

        As many days before the solution as have gone by since, up to the review.
        """
        self.ensure_one()
        resolved = self.resolved_date
        if not resolved:
            return None
        stop = self.closed_date or fields.Datetime.now()
        if self.review_date:
            review = datetime.combine(self.review_date, time.max).replace(microsecond=0)
            stop = max(min(stop, review), resolved)
        days = (stop - resolved).days + 1
        return Periods(
            resolved - timedelta(days=days),
            resolved,
            resolved + timedelta(days=days),
            days,
        )

    def _find_alike(self, start, stop):
        """Return a domain of the incidents of the same kind that began then.

        Those linked to the problem, and those on its items; where it names no items,
        those of its service, and of its category if it has one.
        """
        self.ensure_one()
        kind = Domain("problem_id", "=", self.id)
        if self.ci_ids:
            kind |= Domain("ci_ids", "in", self.ci_ids.ids)
        elif self.service_id:
            alike = Domain("service_id", "=", self.service_id.id)
            if self.category_id:
                alike &= Domain("category_id", "=", self.category_id.id)
            kind |= alike
        return (
            Domain("ticket_type", "=", "incident")
            & Domain("opened_at", ">=", start)
            & Domain("opened_at", "<", stop)
            & kind
        )

    def action_open_before(self):
        """Open the incidents of this kind before the solution."""
        return self._open_alike(self.env._("Incidents before the Solution"), 0)

    def action_open_after(self):
        """Open the incidents of this kind since the solution."""
        return self._open_alike(self.env._("Incidents since the Solution"), 1)

    def _open_alike(self, name, first):
        self.ensure_one()
        periods = self._get_periods()
        if not periods:
            raise UserError(
                self.env._("Before and after are compared once it is resolved.")
            )
        return self.env["helpdesk.ticket"]._get_list_action(
            name, list(self._find_alike(*periods[first : first + 2])), create=False
        )

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _check_fix_ended(self):
        """Refuse to resolve a problem on which something is still to be done.

        :raise UserError: naming the actions that are open
        """
        for problem in self:
            left = problem.itsm_action_ids.filtered(
                lambda action: action.state in OPEN_STATES
            )
            if left:
                raise UserError(
                    self.env._(
                        "%(problem)s is not resolved while actions of it are open: "
                        "%(actions)s. Finish or cancel them.",
                        problem=problem.display_name,
                        actions=", ".join(left.mapped("display_name")),
                    )
                )

    def _check_reviewed(self):
        """Refuse to close before the review, and what did not help.

        :raise UserError: saying what to do instead
        """
        today = fields.Date.context_today(self)
        for problem in self:
            if problem.owner_id == self.env.user:
                raise UserError(
                    self.env._(
                        "You answer for %(problem)s. Somebody else has to say whether "
                        "its solution helped.",
                        problem=problem.display_name,
                    )
                )
            if problem.review_date and problem.review_date > today:
                raise UserError(
                    self.env._(
                        "%(problem)s is reviewed on %(date)s: until then nobody knows "
                        "whether the solution helps. Choose an earlier day if that is "
                        "not so.",
                        problem=problem.display_name,
                        date=fields.Date.to_string(problem.review_date),
                    )
                )
            if problem.effectiveness == "ineffective":
                raise UserError(
                    self.env._(
                        "The solution of %(problem)s did not help. Investigate again "
                        "instead of closing it.",
                        problem=problem.display_name,
                    )
                )

    def _prepare_transition_values(self, transition):
        values = super()._prepare_transition_values(transition)
        if transition.target == "resolved":
            days = max(self.company_id.mapped("itsm_problem_review_days"))
            values["review_date"] = fields.Date.context_today(self) + timedelta(days)
        return values

    # ------------------------------------------------------------------
    # Texts for tickets
    # ------------------------------------------------------------------

    def _get_workaround_text(self):
        """Return the workaround as plain text, for the resolution of a ticket."""
        self.ensure_one()
        return html2plaintext(self.workaround or "").strip()
