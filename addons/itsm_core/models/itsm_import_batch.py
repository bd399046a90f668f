import time
from collections import Counter, defaultdict
from itertools import islice

from markupsafe import Markup

from odoo import fields, models
from odoo.tools import plaintext2html

from ..tools.history_mapping import Mapping, Problem
from ..tools.history_reader import collect_names, read_tickets
from ..tools.history_timeline import DEFAULT_LEVEL, merge_spans
from ..tools.ticket_history import TicketHistory
from .itsm_import_names import KINDS, MADE_KINDS, ImportNames

#: Tickets stored in one go.
BATCH = 500
TICKET_COUNTERS = {
    "created": "tickets_created",
    "continued": "tickets_continued",
    "unchanged": "tickets_unchanged",
    "refused": "tickets_refused",
}
NAME_COUNTERS = {
    "caller": "contacts_created",
    "team": "teams_created",
    "category": "categories_created",
}
#: Kinds of what the loader remarks.
REMARK_KINDS = {
    "worked_on_here": "left_out",
    "history_differs": "settled",
    "number_taken": "assumed",
}
DONE_STATES = ("resolved", "closed")


class ItsmImportBatch(models.AbstractModel):
    """How an import gets from the rows of some tickets to stored tickets."""

    _name = "itsm.import.batch"
    _description = "Batch of an Import"

    def _bind(self):
        """Return the mapping of this import, fitted to the header of its file."""
        return Mapping(**self.mapping).bind(self.header)

    def _load_batch(self, spool, limit=BATCH):
        """Store the next tickets, with their remarks and the new position.

        :param spool: :class:`~..tools.history_spool.HistorySpool` of this import
        :param int limit: number of tickets
        """
        self.ensure_one()
        started = time.monotonic()
        counts, problems = Counter(), []
        if not self.tickets_done:
            problems.extend(self._read_loose_rows(spool))
            counts["rows_left_out"] += len(problems)
        bound = self._bind()
        matrix = self.env["itsm.priority.rule"]._get_matrix(self.company_id.id)
        now = fields.Datetime.now()
        tickets = list(
            islice(read_tickets(spool, bound, matrix, now, self.position), limit)
        )
        names = self._resolve_names(tickets, counts)
        usable = [ticket for ticket in tickets if ticket.timeline]
        loaded = self.env["itsm.history.loader"].load_tickets(
            [self._make_history(ticket, names, matrix) for ticket in usable],
            self.company_id,
            self,
        )
        for ticket, result in zip(usable, loaded, strict=True):
            ticket.problems.extend(self._find_unknown_names(ticket, names, bound))
            ticket.problems.extend(
                Problem(
                    ticket.first, ticket.number, "", "", REMARK_KINDS[code], code, text
                )
                for code, text in result.remarks
            )
            self._count_ticket(ticket, result, counts)
        for ticket in tickets:
            problems.extend(ticket.problems)
            counts["rows_left_out"] += ticket.left_out
            counts["tickets_left_out"] += not ticket.timeline
        self._store_problems(
            problems,
            {
                ticket.number: result.ticket_id
                for ticket, result in zip(usable, loaded, strict=True)
            },
        )
        counts["tickets_done"] = len(tickets)
        counts["seconds"] = time.monotonic() - started
        self._advance(tickets, counts)

    def _read_loose_rows(self, spool):
        """Return the remarks on rows that belong to no ticket."""
        return [
            Problem(line, "", "", value, "left_out", code)
            for line, code, value in spool.read_loose()
        ]

    def _count_ticket(self, ticket, result, counts):
        """Account for the usable rows of a ticket."""
        usable = ticket.rows - ticket.left_out
        counts[TICKET_COUNTERS[result.outcome]] += 1
        counts["spans_created"] += result.spans
        counts["rows_known"] += usable - result.new_rows
        if result.outcome == "refused":
            counts["rows_left_out"] += result.new_rows
        else:
            counts["rows_used"] += result.used_rows
            counts["rows_merged"] += result.new_rows - result.used_rows

    def _advance(self, tickets, counts):
        """Write down how far the import has come."""
        values = {name: self[name] + count for name, count in counts.items()}
        if tickets:
            values["position"] = tickets[-1].first
        if not self.start_date:
            values["start_date"] = fields.Datetime.now()
        values["state"] = "running"
        if values["tickets_done"] >= self.tickets_total:
            values.update(state="done", stop_date=fields.Datetime.now(), spool=False)
        self.write(values)

    def _store_problems(self, problems, ticket_ids):
        # sudo: remarks are written by imports alone, so nobody has the right to.
        self.env["itsm.import.problem"].sudo().create(
            [
                {
                    "import_id": self.id,
                    "ticket_id": ticket_ids.get(problem.number),
                    **{
                        name: value or False
                        for name, value in problem._asdict().items()
                    },
                }
                for problem in sorted(problems)
            ]
        )

    # ------------------------------------------------------------------
    # Names
    # ------------------------------------------------------------------

    def _resolve_names(self, tickets, counts):
        """Return ``{kind: {name: id}}``, making what may be made."""
        # sudo: an administrator need not belong to the desk. Made in a context of
        # our own, so that nothing a client put there has a say.
        finder = ImportNames(
            self.env(su=True, context={"tracking_disable": True}),
            self.company_id,
            self.source,
        )
        collected = collect_names(tickets)
        names = defaultdict(dict)
        for kind in KINDS:
            wanted = collected[kind]
            names[kind] = finder.find(kind, wanted)
            missing = wanted.difference(names[kind])
            if missing and kind in MADE_KINDS:
                made, count = finder.make(kind, missing)
                names[kind].update(made)
                if kind in NAME_COUNTERS:
                    counts[NAME_COUNTERS[kind]] += count
        names["resolution_code"][""] = self.env.ref(
            "itsm_core.resolution_not_recorded"
        ).id
        return names

    def _find_unknown_names(self, ticket, names, bound):
        """Return remarks on services and items that are not there."""
        found = {}
        for span in ticket.timeline.spans:
            if span.service and span.service not in names["service"]:
                found.setdefault(("service", span.service), span.line or ticket.first)
        item = ticket.facts.texts.get("ci")
        if item and item not in names["ci"]:
            found["ci", item] = ticket.first
        return [
            Problem(
                line,
                ticket.number,
                bound.name(kind),
                name,
                "left_out",
                f"{kind}_unknown",
            )
            for (kind, name), line in found.items()
        ]

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    def _make_history(self, ticket, names, matrix):
        """Return what is to be stored of a ticket, with records for names.

        :rtype: odoo.addons.itsm_core.tools.ticket_history.TicketHistory
        """
        timeline = ticket.timeline
        spans = merge_spans(
            [
                span._replace(
                    team=names["team"].get(span.team),
                    assignee=self._name_assignee(span.assignee, names),
                    service=names["service"].get(span.service),
                )
                for span in timeline.spans
            ]
        )
        last = spans[-1]
        texts = ticket.facts.texts
        values = {
            "name": self._make_title(ticket),
            "description": self._make_description(ticket),
            "ticket_type": last.ticket_type,
            "pending_reason": last.pending_reason,
            "team_id": last.team,
            "user_id": last.assignee[0],
            "assignee_name": last.assignee[1],
            "service_id": last.service,
            "partner_id": names["caller"].get(texts.get("caller")),
            "partner_name": texts.get("caller"),
            "category_id": names["category"].get(ticket.category),
            "channel_id": names["channel"].get(texts.get("channel")),
            **self._make_priority(timeline.last, last.priority, matrix),
        }
        if texts.get("ci") in names["ci"]:
            values["ci_ids"] = [fields.Command.set([names["ci"][texts["ci"]]])]
        if timeline.dates.itsm_state in DONE_STATES:
            values.update(self._make_resolution(texts, names))
        return TicketHistory(
            source=self.source,
            number=ticket.number,
            values=values,
            spans=spans,
            dates=timeline.dates,
            moments=timeline.moments,
            assigned_at=timeline.assigned_at,
        )

    def _name_assignee(self, name, names):
        """Return ``(user id, None)`` for a user, else ``(None, name)``."""
        user_id = names["assignee"].get(name)
        return (user_id, None) if user_id else (None, name or None)

    def _make_priority(self, event, priority, matrix):
        impact = event.impact or DEFAULT_LEVEL
        urgency = event.urgency or DEFAULT_LEVEL
        values = {"impact": impact, "urgency": urgency, "priority_override": False}
        if matrix.get((impact, urgency), "1") != priority:
            values.update(
                priority=priority,
                priority_override=True,
                priority_override_reason=self.env._(
                    "Priority of the ticket in %s", self.source
                ),
            )
        return values

    def _make_resolution(self, texts, names):
        return {
            "resolution_code_id": names["resolution_code"][
                texts.get("resolution_code", "")
            ],
            "resolution": texts.get("resolution")
            or self.env._("The source of this ticket tells nothing about it."),
        }

    def _make_title(self, ticket):
        title = ticket.facts.texts.get("title")
        return title or " / ".join(filter(None, ticket.category or [ticket.number]))

    def _make_description(self, ticket):
        """Return the description and the notes as HTML."""
        text = ticket.facts.texts.get("description")
        parts = [plaintext2html(text)] if text else []
        if ticket.facts.notes:
            items = Markup().join(
                Markup("<li>%s: %s</li>") % note for note in ticket.facts.notes.items()
            )
            parts.append(Markup("<ul>%s</ul>") % items)
        if not parts:
            text = self.env._(
                "Ticket %(number)s of %(system)s",
                number=ticket.number,
                system=self.source,
            )
            parts.append(plaintext2html(text))
        return Markup().join(parts)
