"""An issue of a service report on 100,000 tickets: figures, PDF and workbook.

The tickets are those of twelve months, with two targets each. The peak of memory is
that of the process while it makes the issue, above what it had before.
"""

import os
import time
from pathlib import Path

from service_levels import MeasuredDesk

from odoo.addons.itsm_sla.tools.report_period import Period

STACKS = ("itsm_sla",)
TICKETS = int(os.environ.get("ITSM_BENCH_REPORTED", "100000"))
#: Some of them are of the month that is not over, and not reported yet.
MORE = 1.2
GOAL_SECONDS = 30
GOAL_MEGABYTES = 200
MISSED = 10  # one clock in so many
STATUS = Path("/proc/self/status")


def measure(env):
    """Yield label, count, seconds and queries of one thing after the other."""
    desk = ReportedDesk(env)
    desk.fill_up_to(round(TICKETS * MORE))
    desk.miss_some()
    yield from desk.measure_reports()


class ReportedDesk(MeasuredDesk):
    """A desk whose tickets of a year were resolved, some of them late."""

    def _make_seeds(self):
        self._make_agreement()
        tickets = self.admin["helpdesk.ticket"].create(
            [self._values(number) for number in range(50)]
        )
        code = self.admin.ref("itsm_core.resolution_solved")
        tickets[1:]._itsm_move(
            "resolved", resolution_code_id=code.id, resolution="Done."
        )
        self.admin.cr.flush()
        self.seeds = tickets.ids

    def _get_own_values(self, table, key, last):
        values = super()._get_own_values(table, key, last)
        return {name: value for name, value in values.items() if "due" not in name}

    def miss_some(self):
        """Let some clocks have missed when they stopped."""
        cr = self.admin.cr
        cr.execute(
            "UPDATE itsm_sla_clock SET missed_at = stop"
            " WHERE stop IS NOT NULL AND id %% %s = 0",
            [MISSED],
        )
        cr.commit()
        cr.execute("ANALYZE")
        cr.commit()

    def measure_reports(self):
        """Yield the figures of an issue, and of the next one, which corrects it."""
        report = self.admin["itsm.service.report"].create(
            {
                "name": "Service levels of the desk",
                "audience": "internal",
                "purpose": "Shows how the desk does.",
                "date_from": "2020-01-01",
            }
        )
        self.admin.cr.commit()
        last = Period.last_finished("month", report._get_today())
        # The first one loads what a process loads once, on next to no tickets.
        unused = self.admin["itsm.service"].create({"name": "Not in use"})
        report.copy({"service_ids": [(6, 0, unused.ids)]})._make_issue(last)
        self.admin.cr.rollback()
        self.admin.transaction.clear()
        yield from self._measure_issue(report, last.previous(), "an issue")
        self.admin.cr.execute("UPDATE helpdesk_ticket SET active = id % 50 != 0")
        self.admin.cr.commit()
        yield from self._measure_issue(report, last, "the next one, with corrections")

    def _measure_issue(self, report, period, what):
        _reset_peak()
        before = _read_memory("VmRSS")
        queries, start = self.admin.cr.sql_log_count, time.perf_counter()
        busy = time.process_time()
        issue = report._make_issue(period)
        self.admin.cr.commit()
        seconds = time.perf_counter() - start
        busy = time.process_time() - busy
        queries = self.admin.cr.sql_log_count - queries
        more = _read_memory("VmHWM") - before
        size = len(issue.xlsx_id.raw) / 1e6
        label = f"{what}: {issue.ticket_count:,} tickets, workbook of {size:.0f} MB"
        yield f"{label} (goal {GOAL_SECONDS} s)", 1, seconds, queries
        label = (
            f"{what}: {more:.0f} MB more memory (goal {GOAL_MEGABYTES} MB),"
            f" {busy:.0f} s of processor time"
        )
        yield label, 1, seconds, queries
        self.admin.transaction.clear()


def _reset_peak():
    """Forget how much memory this process had at most."""
    Path("/proc/self/clear_refs").write_text("5")


def _read_memory(name):
    """Return a figure of this process in MB."""
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)
