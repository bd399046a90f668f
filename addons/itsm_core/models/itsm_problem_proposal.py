import json
from datetime import timedelta
from math import floor, log10

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_list, plaintext2html

from ..tools.boolean_search import boolean_search
from ..tools.workflow import Transition
from .itsm_problem import MANAGER

#: Rarer than once in so many analyses is not told any finer.
RAREST = 6


class ItsmProblemProposal(models.Model):
    """Incidents that occurred more often than their own history lets expect.

    Found by the analysis of recurrence and written by nobody else; what is made of it,
    a problem or nothing, people decide.
    """

    _name = "itsm.problem.proposal"
    _description = "Proposal of a Problem"
    _inherit = ["itsm.workflow.mixin", "mail.thread"]
    _order = "found_at desc, odds, id"
    _check_company_auto = True

    _workflow_initial = "proposed"
    _workflow_transitions = (
        Transition("proposed", "problem", required=("problem_id",)),
        Transition(
            "proposed", "dismissed", groups=MANAGER, required=("dismiss_reason",)
        ),
        Transition("dismissed", "proposed", groups=MANAGER, clear=("dismiss_reason",)),
    )

    state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("problem", "Became a Problem"),
            ("dismissed", "Dismissed"),
        ],
        default="proposed",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    key = fields.Char(
        readonly=True,
        required=True,
        help="What tells the group from others: kinds and values of its facts.",
    )
    name = fields.Char(string="Incidents With", compute="_compute_name")
    service_id = fields.Many2one(
        "itsm.service", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    ci_id = fields.Many2one(
        "itsm.ci",
        string="Configuration Item",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    category_id = fields.Many2one(
        "helpdesk.ticket.category",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    words = fields.Char(
        readonly=True, help="Words that the titles of these incidents share."
    )
    found_at = fields.Datetime(
        string="Last Found",
        readonly=True,
        required=True,
        help="The last analysis in which the incidents stood out.",
    )
    is_current = fields.Boolean(
        string="In the Latest Analysis",
        compute="_compute_is_current",
        search="_search_is_current",
    )
    period_start = fields.Datetime(string="From", readonly=True, required=True)
    period_stop = fields.Datetime(string="To", readonly=True, required=True)
    observed = fields.Integer(string="Incidents", readonly=True, aggregator=None)
    expected = fields.Float(
        readonly=True,
        digits=(16, 1),
        aggregator=None,
        help="What the average of the same group before lets expect in this time, more "
        "of it where the whole desk has become busier.",
    )
    times = fields.Float(
        string="Times as Many",
        compute="_compute_times",
        digits=(16, 1),
        help="Incidents in multiples of what was expected.",
    )
    odds = fields.Float(
        readonly=True,
        aggregator=None,
        help="Common logarithm of the number of such groups that chance alone brings "
        "in one analysis.",
    )
    odds_text = fields.Char(string="By Chance", compute="_compute_odds_text")
    summary = fields.Text(compute="_compute_summary")
    weeks = fields.Json(readonly=True, help="Incidents of each week, the oldest first.")
    week_graph = fields.Text(string="Incidents by Week", compute="_compute_week_graph")
    incident_ids = fields.Many2many(
        "helpdesk.ticket",
        "itsm_problem_proposal_ticket_rel",
        "proposal_id",
        "ticket_id",
        string="Incidents of the Period",
        readonly=True,
    )
    problem_id = fields.Many2one(
        "itsm.problem",
        readonly=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    dismiss_reason = fields.Text(
        string="Reason of Dismissal", readonly=True, tracking=True
    )

    _key_index = models.Index("(company_id, key)")

    # ------------------------------------------------------------------
    # In plain words
    # ------------------------------------------------------------------

    @api.depends("service_id", "ci_id", "category_id", "team_id", "words", "key")
    def _compute_name(self):
        for proposal in self:
            kinds = {part.split(":", 1)[0] for part in (proposal.key or "").split("|")}
            names = [
                proposal[field].display_name
                for kind, field in self._get_fact_fields().items()
                if kind in kinds and proposal[field]
            ]
            if "word" in kinds:
                names.append(f"“{proposal.words}”")
            proposal.name = ", ".join(names)

    @api.model
    def _get_fact_fields(self):
        """Return ``{kind of fact: field}``, in the order in which they are named."""
        return {
            "ci": "ci_id",
            "service": "service_id",
            "category": "category_id",
            "team": "team_id",
        }

    @api.depends("name")
    def _compute_display_name(self):
        for proposal in self:
            proposal.display_name = proposal.name

    @api.depends("observed", "expected")
    def _compute_times(self):
        for proposal in self:
            proposal.times = proposal.observed / max(proposal.expected, 0.1)

    @api.depends("odds")
    def _compute_odds_text(self):
        for proposal in self:
            if -proposal.odds >= RAREST:
                proposal.odds_text = self.env._("less than once in a million analyses")
                continue
            number = 10**-proposal.odds
            digits = 10 ** max(floor(log10(max(number, 1))) - 1, 0)
            proposal.odds_text = self.env._(
                "about once in %(number)s analyses",
                number=f"{max(round(number / digits) * digits, 1):,}",
            )

    @api.depends("observed", "expected", "weeks", "period_start", "odds_text")
    def _compute_summary(self):
        for proposal in self:
            before = (proposal.weeks or [])[: -proposal._get_week_count() or None]
            proposal.summary = self.env._(
                "%(observed)s incidents from %(start)s to %(stop)s, where %(expected)s "
                "were to be expected: in the %(weeks)s weeks before there were "
                "%(before)s. So many come by chance %(odds)s.",
                observed=proposal.observed,
                expected=f"{proposal.expected:.1f}",
                start=proposal._format_day(proposal.period_start),
                stop=proposal._format_day(proposal.period_stop),
                weeks=len(before),
                before=sum(before),
                odds=proposal.odds_text,
            )

    def _get_week_count(self):
        """Return how many of the weeks are the period."""
        self.ensure_one()
        if not self.period_start:
            return 0
        return round((self.period_stop - self.period_start) / timedelta(weeks=1))

    def _format_day(self, moment, **options):
        if not moment:
            return ""
        return format_date(
            self.env, fields.Datetime.context_timestamp(self, moment).date(), **options
        )

    @api.depends("weeks", "period_stop")
    @api.depends_context("tz", "lang")
    def _compute_week_graph(self):
        for proposal in self:
            weeks = proposal.weeks or []
            current = len(weeks) - proposal._get_week_count()
            values = [
                {
                    "label": proposal._format_day(
                        proposal.period_stop - timedelta(weeks=len(weeks) - place),
                        date_format="d MMM",
                    ),
                    "value": number,
                    "type": "future" if place >= current else "none",
                }
                for place, number in enumerate(weeks)
            ]
            proposal.week_graph = json.dumps(
                [{"key": self.env._("Incidents in the week from"), "values": values}]
            )

    @api.depends("found_at", "company_id.itsm_recurrence_date")
    def _compute_is_current(self):
        for proposal in self:
            latest = proposal.company_id.itsm_recurrence_date
            proposal.is_current = bool(latest) and proposal.found_at >= latest

    @boolean_search
    def _search_is_current(self):
        # sudo: the moment of the analysis only, which is no secret.
        companies = self.env.companies.sudo().filtered("itsm_recurrence_date")
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("found_at", ">=", company.itsm_recurrence_date)
            for company in companies
        )

    # ------------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------------

    def action_begin_problem(self):
        """Make a problem of what the incidents share, link them, and open it.

        :raise UserError: where it is decided already, or no incident is left to link
        """
        self.ensure_one()
        self.check_access("read")
        self.env["itsm.problem"].check_access("create")
        if self.state != "proposed":
            raise UserError(
                self.env._(
                    "“%(proposal)s” is decided already: %(state)s.",
                    proposal=self.display_name,
                    state=self._workflow_state_label(self.state),
                )
            )
        left = self.incident_ids.filtered(lambda ticket: not ticket.problem_id)
        if not left:
            raise UserError(
                self.env._(
                    "All of these incidents belong to problems already. Dismiss the "
                    "proposal, and name the problem in the reason."
                )
            )
        problem = left._make_problem(**self._prepare_problem())
        # sudo: what was decided is all that is written; nobody writes proposals.
        self.sudo()._set_state("problem", problem_id=problem.id)
        return problem.get_formview_action()

    def _prepare_problem(self):
        """Return the values of a problem that follow from the group."""
        values = {
            "name": self.env._(
                "%(incidents)s: more incidents than usual", incidents=self.name
            ),
            "origin": "trend",
            "description": plaintext2html(self.summary),
            "service_id": self.service_id.id,
            "category_id": self.category_id.id,
            "ci_ids": [(6, 0, self.ci_id.ids)],
        }
        if self.team_id:
            values["team_id"] = self.team_id.id
        return values

    def action_open_dismissal(self):
        """Ask for the reason of dismissing these proposals."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Dismiss"),
            "res_model": "itsm.problem.proposal.dismissal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_proposal_ids": self.ids},
        }

    def _dismiss(self, reason):
        """Dismiss the proposals: nothing is made of them, for a reason.

        :raise AccessError: for whoever is no process manager
        :raise UserError: where one is decided already
        """
        self._check_decides()
        if decided := self.filtered(lambda proposal: proposal.state != "proposed"):
            raise UserError(
                self.env._(
                    "“%(proposal)s” is decided already: %(state)s.",
                    proposal=decided[0].display_name,
                    state=self._workflow_state_label(decided[0].state),
                )
            )
        # sudo: what was decided is all that is written; nobody writes proposals.
        self.sudo()._set_state("dismissed", dismiss_reason=reason)

    def action_propose_again(self):
        """Take a dismissal back."""
        self._check_decides()
        for proposal in self:
            if self.search_count(
                [
                    ("company_id", "=", proposal.company_id.id),
                    ("key", "=", proposal.key),
                    ("state", "=", "proposed"),
                ],
                limit=1,
            ):
                raise UserError(
                    self.env._(
                        "“%(proposal)s” has been proposed anew since. Decide on that "
                        "proposal.",
                        proposal=proposal.display_name,
                    )
                )
        # sudo: what was decided is all that is written; nobody writes proposals.
        self.sudo()._set_state("proposed")

    def _check_decides(self):
        self.check_access("read")
        if not self.env.user.has_group(*MANAGER):
            # sudo: the name of the group, for the sentence.
            role = self.env.ref(MANAGER[0]).sudo().display_name
            raise AccessError(
                self.env._(
                    "Deciding that nothing is made of a proposal needs the role "
                    "%(roles)s.",
                    roles=format_list(self.env, [role]),
                )
            )
