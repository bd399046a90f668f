import base64
import gzip
import hashlib
import json
from collections import defaultdict

from odoo import fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import format_date

from ..tools.report_period import MONTHS, Period
from ..tools.report_sheet import TicketSheet
from ..tools.report_tables import describe_figure
from ..tools.service_report import count_figures
from .itsm_service_report_book import ALL

MANAGER = "itsm_sla.group_service_level_manager"


class ItsmServiceReport(models.Model):
    """Making an issue: facts, figures, files, all in one transaction."""

    _name = "itsm.service.report"
    _inherit = ["itsm.service.report"]

    def _get_next_period(self):
        """Return the Period that is reported next."""
        self.ensure_one()
        return Period.containing(self.period, self.next_period_date or self.date_from)

    def _get_today(self):
        return fields.Date.context_today(self.with_context(tz=self._get_zone()))

    def _name_period(self, period):
        """Return a period in words, such as March 2026, Q1 2026 or 2026."""
        size = period.last - period.first + 1
        if size == MONTHS["month"]:
            return format_date(self.env, period.start, date_format="LLLL y")
        if size == MONTHS["quarter"]:
            return format_date(self.env, period.start, date_format="QQQ y")
        return str(period.start.year)

    def _make_issue(self, period, explanation=""):
        """Make the issue of a period: it never changes afterwards.

        :param Period period: one that is over
        :param str explanation: of the corrections to the previous issue
        :return: the issue, mailed
        :raise UserError: where it cannot be made now, or was made before
        """
        self.ensure_one()
        self._check_can_make(period)
        # In the language of who reads it.
        lang = self.sudo().partner_id.lang or self.owner_id.lang or self.env.lang
        report = self.with_context(lang=lang)
        corrections = report._find_corrections(period)
        scope = report._get_scope()
        tickets, clocks, _total = report._gather(scope, period)
        values = report._freeze(
            scope, period, tickets, clocks, corrections, explanation
        )
        report._drop(tickets, clocks)
        issue = report.env["itsm.service.report.issue"]._record(values)
        return issue.with_env(self.env)

    def _check_can_make(self, period):
        if not (self.env.su or self.env.user.has_group(MANAGER)):
            raise AccessError(
                self.env._("Only a service level manager makes issues of a report.")
            )
        self.check_access("read")
        if not self.active:
            raise UserError(
                self.env._(
                    "%(report)s is archived. Restore it before you make an issue.",
                    report=self.display_name,
                )
            )
        if period.stop >= self._get_today():
            raise UserError(
                self.env._(
                    "%(period)s is not over yet. An issue is made after the last day "
                    "of its period, %(day)s.",
                    period=self._name_period(period),
                    day=format_date(self.env, period.stop),
                )
            )
        if self.env["ir.actions.report"].get_wkhtmltopdf_state() == "install":
            raise UserError(
                self.env._(
                    "The program wkhtmltopdf, which makes the PDF, is missing on this "
                    "server. Have it installed, then make the issue again."
                )
            )
        try:
            # sudo: whoever makes an issue does not change the report by it.
            self.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "An issue of %(report)s is being made at this moment. Wait for a "
                    "minute, then look at its issues.",
                    report=self.display_name,
                )
            ) from error
        made = self.issue_ids.filtered(
            lambda issue: (
                issue.date_from <= period.stop and issue.date_to >= period.start
            )
        )
        if made:
            raise UserError(
                self.env._(
                    "%(issue)s reports this period already, and does not change. What "
                    "was corrected since then appears in the next issue.",
                    issue=made[0].display_name,
                )
            )

    # ------------------------------------------------------------------
    # Freezing
    # ------------------------------------------------------------------

    def _freeze(self, scope, period, tickets, clocks, corrections, explanation):
        """Return the values of an issue, with its files but the PDF.

        :param corrections: what :meth:`_find_corrections` returned
        """
        alike, alike_clocks = self._count_alike(tickets, clocks)
        figures = count_figures(alike, alike_clocks, period)
        seen = {(clock.target, clock.reason) for clock, _count in alike_clocks}
        names, words, tables = self._compose(scope, period, figures, seen, tickets)
        # Not those whose months alone were seen: every clock is in the twelve months.
        columns = TicketSheet(names, words, period, not scope["customer"])
        listed = [
            {
                "key": key,
                "label": describe_figure(key, names, words),
                "value": figures[key],
                "where": columns.explain(key),
            }
            for key in sorted(figures, key=_in_order)
        ]
        number = max(self.issue_ids.mapped("number"), default=0) + 1
        now = fields.Datetime.now()
        content = {
            "title": self.name,
            "report": self.reference,
            "number": number,
            "period": self._name_period(period),
            "scope": scope,
            "head": self._get_head(scope, period, number, now, words),
            "tables": tables + corrections["tables"],
            "words": {
                key: words[key]
                for key in ("nothing", "adjusted_note", "explanation", "no_corrections")
            },
            "corrected_issue": corrections["issue"],
            "explanation": explanation or "",
            "figures": listed,
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
        content = json.loads(text)
        members = defaultdict(list)
        xlsx = self._make_workbook(
            content,
            columns,
            words,
            self._read_rows(tickets, clocks, period, scope),
            members,
        )
        return {
            "report_id": self.id,
            "number": number,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "date_from": period.start,
            "date_to": period.stop,
            "zone": scope["zone"],
            "made_at": now,
            "made_by_id": self.env.uid,
            "lang": self.env.lang,
            "content": text,
            "content_hash": hashlib.sha256(text.encode()).hexdigest(),
            "explanation": explanation,
            "correction_count": corrections["count"],
            "ticket_count": len(members[ALL]),
            "recipient_ids": [(6, 0, self.recipient_ids.ids)],
            "members": base64.b64encode(gzip.compress(json.dumps(members).encode())),
            "xlsx": xlsx,
        }

    def _get_head(self, scope, period, number, now, words):
        """Return pairs of a heading and a text: what this report is."""
        audiences = dict(self._fields["audience"]._description_selection(self.env))
        # sudo: names of what the report is about.
        report = self.sudo()
        covered = [
            report.partner_id.display_name or self.env._("All customers"),
            ", ".join(report.service_ids.mapped("name")) or self.env._("All services"),
        ]
        if report.agreement_id:
            covered.append(report.agreement_id.display_name)
        span = self.env._(
            "%(period)s: %(first)s to %(last)s, local time of %(zone)s",
            period=self._name_period(period),
            first=format_date(self.env, period.start),
            last=format_date(self.env, period.stop),
            zone=scope["zone"].replace("_", " "),
        )
        made = self.env._(
            "%(moment)s by %(person)s",
            moment=self._tell(now, scope),
            person=self.env.user.name,
        )
        return [
            [words["report"], f"{self.reference} {self.name}"],
            [words["issue"], f"{self.reference}-{number:02}"],
            [words["period"], span],
            [words["scope"], "; ".join(covered)],
            [words["purpose"], self.purpose],
            [words["audience"], audiences[self.audience]],
            [words["source"], self.data_source],
            [words["answers"], report.owner_id.name or ""],
            [words["made"], made],
        ]


def _in_order(key):
    """Sort the figures of the period first, then those of targets, then of months."""
    ranks = {"target": 1, "month": 2}
    return ranks.get(key.split("/")[0], 0), key
