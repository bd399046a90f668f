"""Tickets with service levels, beside the helpdesk alone and OCA's own service levels.

Every ticket is measured by two targets in office hours: an answer, and the solution.
Then deadlines alone; what is found among a million clocks that run; and the job that
escalates a thousand of them.
"""

import os
from ast import literal_eval
from functools import partial

from lxml import etree
from tickets import BATCH, Desk

from odoo import fields
from odoo.tools import SQL

STACKS = ("helpdesk_mgmt", "helpdesk_mgmt_sla", "itsm_sla")
TICKETS = int(os.environ.get("ITSM_BENCH_TICKETS", "1000000")) // 2  # two clocks each
EXCEPTIONS = 1_000  # clocks that are missed, and as many that are paused
ALONE = 10
HOURS = {"response": (1, 2, 4, 8), "resolution": (4, 8, 24, 40)}  # P1 to P4


def measure(env):
    """Yield label, count, seconds and queries of one thing after the other."""
    desk = MeasuredDesk(env)
    for work, *prepare in (
        (desk._create_batch,),
        (desk._create_single,),
        (desk._create_alone,),
        (desk._move, desk._make_batch),
    ):
        yield from desk._run(work, *prepare)
    if desk.kind:
        yield from desk._run(desk._compute_deadlines, desk._prepare_deadlines)
    if desk.kind == "itsm_sla":
        desk.fill_up_to(TICKETS)
        desk.make_exceptions()
        for label, *figures in desk.measure_finding():
            yield f"{label}, of {2 * TICKETS:,} clocks", *figures
        desk.make_due()
        for label, *figures in desk._run(desk._sweep):
            yield f"{label}, of {2 * TICKETS:,} clocks", *figures


class MeasuredDesk(Desk):
    """A desk whose tickets have two targets each, where there are any."""

    def __init__(self, env):
        self.kind = next(
            (
                kind
                for kind, model in (
                    ("itsm_sla", "itsm.sla.clock"),
                    ("helpdesk_mgmt_sla", "helpdesk.ticket.sla"),
                )
                if model in env
            ),
            None,
        )
        super().__init__(env)
        if self.kind == "itsm_sla":
            self.copied.append("itsm_sla_clock")

    def _make_seeds(self):
        """Promise, then make tickets in progress that all others are copies of."""
        if self.kind == "itsm_sla":
            self._make_agreement()
        elif self.kind:
            self._make_peer_targets()
        tickets = self.admin["helpdesk.ticket"].create(
            [self._values(number) for number in range(50)]
        )
        tickets.stage_id = self.stages["in_progress"]
        self.admin.cr.flush()
        self.seeds = tickets.ids

    def _make_agreement(self):
        targets = [
            {"metric": metric, "priority": str(3 - rank), "hours": hours}
            for metric, of_priority in HOURS.items()
            for rank, hours in enumerate(of_priority)
        ]
        self.calendar = self.admin.company.resource_calendar_id
        agreement = self.admin["itsm.agreement"].create(
            {
                "name": "Standard",
                "date_start": "2020-01-01",
                "calendar_id": self.calendar.id,
                "accepted_by": "Tom Fenwick",
                "accepted_date": "2019-12-01",
                "target_ids": [(0, 0, target) for target in targets],
            }
        )
        agreement._set_state("negotiation")
        agreement._set_state("active")

    def _make_peer_targets(self):
        """Targets until work begins, and until it is done."""
        self.calendar = self.team.resource_calendar_id
        self.team.use_sla = True
        self.admin["helpdesk.sla"].create(
            [
                {"name": stage, "hours": hours, "stage_id": self.stages[stage].id}
                for stage, hours in (("in_progress", 2), ("done", 8))
            ]
        )

    # ------------------------------------------------------------------
    # A million clocks
    # ------------------------------------------------------------------

    def _get_own_values(self, table, key, last):
        values = super()._get_own_values(table, key, last)
        # One after the other in the weeks to come: what is late is added later.
        due = SQL("now() AT TIME ZONE 'UTC' + n * interval '1 minute'")
        return values | {"due": due, "due_date": due}

    def make_exceptions(self):
        """Let some clocks have missed, by the clock or on record; pause others."""
        cr = self.admin.cr
        cr.execute("SELECT max(id) / (3 * %s) FROM itsm_sla_clock", [EXCEPTIONS])
        step = cr.fetchone()[0]
        for rest, change in enumerate(
            (
                "due = due - interval '1 year'",
                "missed_at = start",
                "state = 'paused', due = NULL, paused_since = start",
            )
        ):
            each = 3 * step * (1 if rest == 2 else 2)
            cr.execute(
                SQL(
                    "UPDATE itsm_sla_clock SET %s WHERE id %% %s = %s",
                    SQL(change),
                    each,
                    rest,
                )
            )
        cr.commit()
        cr.execute("ANALYZE itsm_sla_clock")
        cr.commit()

    def measure_finding(self):
        lists = [
            ("helpdesk.ticket", title, self._get_filter(name))
            for name, title in (
                ("sla_missed", "Target Missed"),
                ("due_soon", "Due Within 2 Hours"),
                ("sla_paused", "Clock Paused"),
            )
        ]
        lists.append(("itsm.sla.clock", "missed clocks", [("is_missed", "=", True)]))
        for model, title, domain in lists:
            for show in (self._list, self._count):
                work = partial(show, domain, title, model)
                yield from self._run(lambda _, work=work: work())

    # ------------------------------------------------------------------
    # The job that escalates
    # ------------------------------------------------------------------

    def make_due(self):
        """Let a rule be about every clock, and its moment have come for some."""
        cr = self.admin.cr
        rule = self.admin["itsm.escalation.rule"].create(
            {"name": "Tell who has it", "percent": 100, "notify_assignee": True}
        )
        # The rule has been there for long: it would not look back otherwise.
        cr.execute(
            "UPDATE itsm_escalation_rule SET active_since = '2020-01-01' WHERE id = %s",
            [rule.id],
        )
        rule.invalidate_recordset()
        self.admin.registry.clear_cache()
        cr.execute(
            "UPDATE itsm_sla_clock SET next_escalation = due, escalation_plan = %s",
            [self.admin["itsm.sla.clock"]._get_escalation_plan()],
        )
        # What is found, and what is worked out of its facts, is to agree.
        cr.execute(
            """
            UPDATE itsm_sla_clock
               SET as_of = as_of - interval '2 years',
                   next_escalation = now() AT TIME ZONE 'UTC' - interval '1 day'
             WHERE id IN (SELECT id FROM itsm_sla_clock
                           WHERE state = 'running'
                             AND next_escalation > now() AT TIME ZONE 'UTC'
                        ORDER BY id DESC LIMIT %s)
            """,
            [EXCEPTIONS],
        )
        cr.execute(
            """
            UPDATE itsm_sla_clock SET next_escalation = NULL
             WHERE next_escalation < now() - interval '30 days'
            """
        )
        cr.commit()
        cr.execute("ANALYZE itsm_sla_clock")
        cr.commit()

    def _sweep(self, _prepared):
        """Find what is due, batch by batch, and then let the rule act, uncommitted."""
        Clock = self.admin["itsm.sla.clock"]
        Escalation = self.admin["itsm.escalation"]
        now = fields.Datetime.now()
        Clock._count_for_escalation(now)
        after = (fields.Datetime.to_datetime("1970-01-01"), 0)
        batches = []
        while rows := Clock._get_due_for_escalation(now, after, BATCH):
            after = (rows[-1]["next_escalation"], rows[-1]["id"])
            batches.append(rows)
        found = sum(map(len, batches))
        yield f"sweep: find {found:,} that are due", 1
        for rows in batches:
            Escalation._escalate(rows, now)
        self.admin.flush_all()
        yield f"sweep: find {found:,}, and tell who has the ticket", 1

    # ------------------------------------------------------------------
    # Measuring
    # ------------------------------------------------------------------

    def _create_alone(self, _prepared):
        """Create as requests do: nothing is known yet of what a transaction keeps."""
        for number in range(ALONE):
            self.env["helpdesk.ticket"].create(self._values(number))
            self.env.cr.flush()
            self.env.cr.rollback()
            self.env.transaction.clear()
        yield f"create {ALONE}, a transaction each", ALONE

    def _prepare_deadlines(self):
        """Return functions that compute a deadline each, of tickets as they are."""
        tickets = self._make_batch()
        if self.kind == "helpdesk_mgmt_sla":
            return [
                partial(
                    self.calendar.plan_hours,
                    HOURS["resolution"][1],
                    ticket.create_date,
                    compute_leaves=True,
                )
                for ticket in tickets
            ]
        from odoo.addons.itsm_sla.tools.clock import run_clock
        from odoo.addons.itsm_sla.tools.ticket_targets import choose_targets, to_spans

        clocks = self.admin["itsm.sla.clock"]
        book, rules = clocks._get_book()
        return [
            partial(
                run_clock,
                rules[applied.target][0],
                to_spans(facts, applied.kind),
                (),
                applies,
            )
            for facts in clocks._read_facts(tickets.ids).values()
            for applied, applies in choose_targets(book, facts)
        ]

    def _compute_deadlines(self, deadlines):
        for compute in deadlines:
            compute()
        yield "compute deadlines", len(deadlines)

    def _get_filter(self, name):
        """Return the domain of a filter in the search of tickets."""
        view = self.env["helpdesk.ticket"].get_views([(False, "search")])
        arch = etree.fromstring(view["views"]["search"]["arch"])
        return literal_eval(arch.find(f".//filter[@name='{name}']").get("domain"))

    def _count(self, domain, name, model="helpdesk.ticket"):
        self.env[model].search_count(domain)
        yield f"count, {name}", 1
