from collections import Counter, defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools.recurrence import WORD, Incident, find_recurrences
from ..tools.recurrence_words import find_words
from .itsm_problem import MANAGER, UNSOLVED_STATES

#: How many groups chance alone may bring in one analysis: one in twenty analyses.
CHANCE = 0.05
#: Proposals of one analysis: more than anybody decides on in a week.
MOST = 20
#: What is said of a group holds for so many of its incidents.
SHARE = 0.8
#: Incidents of which at least so many are known already are nothing new.
KNOWN = 0.5
#: Dismissed incidents come back when their surplus is so many times that of then.
WORSE = 1.5


class ItsmProblemProposal(models.Model):
    """Proposals of problems: how they are found.

    Facts are read in one statement for each company, groups are found by arithmetic
    (`tools/recurrence.py`), and what is decided already is not proposed again.
    """

    _name = "itsm.problem.proposal"
    _inherit = ["itsm.problem.proposal"]

    @api.model
    def _cron_analyse(self):
        """Look for what recurs, company by company. Safe to run twice."""
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([("active", "=", True)])
        cron._commit_progress(remaining=len(companies))
        for company in companies:
            self._analyse(company)
            if not cron._commit_progress(1):
                return

    def action_analyse_now(self):
        """Analyse the companies that are chosen, and tell what was found.

        :raise AccessError: for whoever is no process manager
        """
        if not self.env.user.has_group(*MANAGER):
            raise AccessError(
                self.env._("Only a process manager can start an analysis.")
            )
        found = self.browse()
        for company in self.env.companies:
            # sudo: the analysis counts all incidents of the company, as the weekly job
            # does. What is told of them are counts, and incidents by their rules.
            found |= self.sudo()._analyse(company)
        if found:
            message = self.env._("%s groups of incidents stand out.", len(found))
        else:
            message = self.env._("Nothing stands out that is not decided already.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if found else "info",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _analyse(self, company, now=None):
        """Look for what recurs in a company's incidents; return the proposals.

        :param now: where the period stops, naive UTC; None for the present moment
        """
        now = now or fields.Datetime.now()
        company = company.with_env(self.env)
        # The row of the company is written first: of two analyses at a time the second
        # waits for the first and begins anew.
        company.itsm_recurrence_date = now
        company.flush_recordset(["itsm_recurrence_date"])
        period = company.itsm_recurrence_weeks
        steps = period + company.itsm_recurrence_history_weeks
        rows = self._read_facts(company, now - timedelta(weeks=steps), now)
        titles, spelled = find_words([row["name"] for row in rows])
        incidents = [
            Incident(row["id"], self._get_step(row["opened_at"], now, steps), facts)
            for row, facts in zip(rows, map(self._get_facts, rows, titles), strict=True)
        ]
        found = find_recurrences(
            incidents,
            steps,
            period,
            least=company.itsm_recurrence_least,
            chance=CHANCE,
            most=MOST,
        )
        if not found:
            return self.browse()
        by_id = {incident.id: incident.facts for incident in incidents}
        problems = {row["id"]: row["problem_id"] for row in rows}
        prepared = []
        for group in found:
            values = self._prepare(group, by_id, spelled)
            values.update(
                company_id=company.id,
                found_at=now,
                period_start=now - timedelta(weeks=period),
                period_stop=now,
            )
            prepared.append((group, values))
        return self._store(company, prepared, problems)

    @api.model
    def _get_step(self, moment, now, steps):
        """Return the week of a moment: weeks are counted back from now."""
        return max(steps - 1 - int((now - moment) / timedelta(weeks=1)), 0)

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    @api.model
    def _read_facts(self, company, start, stop):
        """Return what is known of the incidents of a company that began then.

        Cancelled ones were none. Children of another ticket are the same occurrence,
        told once more.
        """
        self.env["helpdesk.ticket"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT t.id, t.opened_at, t.service_id, t.category_id, t.team_id,
                       t.name, t.problem_id, i.ci_ids
                  FROM helpdesk_ticket t
             LEFT JOIN (
                       SELECT r.ticket_id, array_agg(r.ci_id ORDER BY r.ci_id) AS ci_ids
                         FROM itsm_ticket_ci_rel r
                         JOIN itsm_ci c ON c.id = r.ci_id
                         JOIN itsm_ci_class k ON k.id = c.class_id
                              AND k.is_service IS NOT TRUE
                     GROUP BY r.ticket_id
                       ) i ON i.ticket_id = t.id
                 WHERE t.company_id = %s AND t.active
                   AND t.ticket_type = 'incident' AND t.itsm_state <> 'cancelled'
                   AND t.parent_id IS NULL
                   AND t.opened_at > %s AND t.opened_at <= %s
              ORDER BY t.id
                """,
                company.id,
                start,
                stop,
            )
        )
        return self.env.cr.dictfetchall()

    @api.model
    def _get_facts(self, row, words):
        """Return the facts of an incident, as pairs of kind and value."""
        facts = [
            (kind, row[f"{kind}_id"])
            for kind in ("service", "category", "team")
            if row[f"{kind}_id"]
        ]
        facts += [("ci", ci_id) for ci_id in row["ci_ids"] or ()]
        facts += [(WORD, word) for word in words]
        return facts

    # ------------------------------------------------------------------
    # Proposals
    # ------------------------------------------------------------------

    @api.model
    def _prepare(self, group, facts, spelled):
        """Return the values that say what a group is, and what its incidents share."""
        shared = Counter(fact for id_ in group.members for fact in facts[id_])
        known = defaultdict(list)
        for kind, value in group.facts:
            known[kind].append(value)
        own_words = WORD in known
        for (kind, value), number in shared.most_common():
            if number < SHARE * len(group.members) or (own_words and kind == WORD):
                continue
            if kind == WORD or kind not in known:
                known[kind].append(value)
        return {
            "key": "|".join(f"{kind}:{value}" for kind, value in group.facts),
            "words": " ".join(spelled[word] for word in known[WORD]) or False,
            **{
                field: known[kind][0] if known[kind] else False
                for kind, field in self._get_fact_fields().items()
            },
            "observed": group.observed,
            "expected": group.expected,
            "odds": group.odds,
            "weeks": group.counts,
            "incident_ids": [(6, 0, group.members)],
        }

    @api.model
    def _store(self, company, prepared, problems):
        """Write what is new or changed; return the open proposals that were found.

        :param list prepared: pairs of group and values, the least likely first
        :param dict problems: id of the problem of each incident, or None
        """
        states = {
            problem.id: problem.state
            for problem in self.env["itsm.problem"].browse(
                sorted({id_ for id_ in problems.values() if id_})
            )
        }
        covered = {
            id_
            for id_, problem_id in problems.items()
            if states.get(problem_id, "cancelled") != "cancelled"
        }
        earlier = self.search([("company_id", "=", company.id)])
        members = self._read_members(earlier)
        found, new = self.browse(), []
        for group, values in prepared:
            ids = set(group.members)
            if len(ids & covered) >= KNOWN * len(ids):
                continue
            same = earlier.filtered(
                lambda one, ids=ids, key=values["key"]: (
                    one.key == key or len(ids & members[one.id]) >= KNOWN * len(ids)
                )
            )
            if any(proposal._settles(group) for proposal in same):
                continue
            again = (same - found).filtered(lambda one: one.state == "proposed")
            if again:
                again = again.sorted(lambda one, key=values["key"]: one.key != key)[0]
                again.write(values)
                found |= again
            else:
                new.append(values)
        return found | self.create(new)

    @api.model
    def _read_members(self, proposals):
        """Return ``{id of proposal: ids of its incidents}``, past record rules."""
        members = defaultdict(set)
        proposals.flush_recordset(["incident_ids"])
        for proposal_id, ticket_id in self.env.execute_query(
            SQL(
                """
                SELECT proposal_id, ticket_id FROM itsm_problem_proposal_ticket_rel
                 WHERE proposal_id = ANY(%s)
                """,
                proposals.ids,
            )
        ):
            members[proposal_id].add(ticket_id)
        return members

    def _settles(self, group):
        """Return whether what was decided on this proposal holds for a group, too."""
        self.ensure_one()
        if self.state == "problem":
            return self.problem_id.state in UNSOLVED_STATES
        if self.state == "dismissed":
            surplus = self.observed - self.expected
            return group.observed - group.expected < WORSE * surplus
        return False
