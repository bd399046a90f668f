import logging
from collections import Counter, defaultdict
from dataclasses import replace

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools.history_timeline import Dates, Span
from ..tools.ticket_history import LoadedTicket, StoredHistory
from .helpdesk_ticket_facts import HISTORY, HISTORY_KEY
from .helpdesk_ticket_stage import ITSM_STATES

_logger = logging.getLogger(__name__)


class ItsmHistoryLoader(models.AbstractModel):
    """The one way to store tickets with a past.

    Tickets get their true dates and spans, and nobody hears of it: no mail, no
    notification, no tracking message, no automatic assignment. A ticket is known
    by its source system and its number there, so that the same history can be
    loaded again without effect, and a longer one continues the shorter.
    """

    _name = "itsm.history.loader"
    _description = "History Loader"

    @api.private
    def load_tickets(self, histories, company=None, run=None):
        """Store a batch of tickets, with the same number of queries for any size.

        :param list histories: :class:`~..tools.ticket_history.TicketHistory`
        :param company: ``res.company`` the tickets belong to, default the current
        :param run: ``itsm.import`` that loads them, if any
        :return: list with one :class:`LoadedTicket` for each history, in order
        :raise AccessError: for anybody but an administrator
        :raise UserError: where no stage stands for a state
        """
        if not self.env.is_system():
            raise AccessError(
                self.env._("Only an administrator can load the history of tickets.")
            )
        company = company or self.env.company
        # sudo: an administrator need not belong to the desk. The context is a new
        # one, so that nothing a client put there has a say in what is stored.
        loader = self.sudo().with_env(
            self.env(
                su=True,
                context={
                    HISTORY_KEY: HISTORY,
                    "allowed_company_ids": company.ids,
                    "tracking_disable": True,
                },
            )
        )
        loaded = loader._load(histories, company, run)
        outcomes = Counter(ticket.outcome for ticket in loaded)
        _logger.info(
            "Ticket history loaded by %s (uid %s): %s",
            self.env.user.login,
            self.env.uid,
            dict(outcomes),
        )
        return loaded

    def _load(self, histories, company, run):
        stored = self._find_stored(histories, company)
        loaded, fresh, longer = {}, [], []
        for place, history in enumerate(histories):
            known = stored.get((history.source, history.number))
            if not known:
                fresh.append((place, history))
            elif known.has_all_of(history):
                loaded[place] = LoadedTicket(known.ticket_id, "unchanged")
            elif known.was_worked_on():
                rows = max(
                    known.count_new_rows(history, whole) for whole in (True, False)
                )
                loaded[place] = LoadedTicket(
                    known.ticket_id,
                    "refused",
                    new_rows=rows,
                    remarks=[("worked_on_here", str(rows))],
                )
            else:
                longer.append((place, known, history))
        stages = self._find_stages(company)
        loaded.update(self._create(fresh, company, run, stages))
        loaded.update(self._continue(longer, stages))
        return [loaded[place] for place in range(len(histories))]

    # ------------------------------------------------------------------
    # What is there
    # ------------------------------------------------------------------

    def _find_stored(self, histories, company):
        """Return ``{(source, number): StoredHistory}`` of tickets loaded before."""
        self.env["helpdesk.ticket"].flush_model()
        numbers = defaultdict(list)
        for history in histories:
            numbers[history.source].append(history.number)
        found, by_id = {}, {}
        for source, names in numbers.items():
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT history_number, id, history_until, history_rows,
                           assigned_date, itsm_state, state_since, resolved_date,
                           closed_date, COALESCE(reopen_count, 0)
                      FROM helpdesk_ticket
                     WHERE company_id = %s AND history_source = %s
                       AND history_number = ANY(%s)
                    """,
                    company.id,
                    source,
                    names,
                )
            ):
                known = StoredHistory(*row[1:5], Dates(*row[5:]), [])
                found[source, row[0]] = by_id[row[1]] = known
        if by_id:
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT ticket_id, start, stop, itsm_state, pending_reason,
                           team_id, user_id, assignee_name, priority, service_id,
                           ticket_type, is_estimated
                      FROM itsm_ticket_span
                     WHERE ticket_id = ANY(%s)
                     ORDER BY ticket_id, start
                    """,
                    list(by_id),
                )
            ):
                by_id[row[0]].spans.append(
                    Span(*row[1:6], (row[6], row[7]), *row[8:11], bool(row[11]))
                )
        return found

    def _find_stages(self, company):
        """Return a function that gives the stage for a team id and a state."""
        stages = self.env["helpdesk.ticket.stage"].search(
            [("company_id", "in", [False, company.id])]
        )
        known = {}

        def find(team_id, state):
            if (team_id, state) not in known:
                known[team_id, state] = next(
                    (
                        stage.id
                        for stage in stages
                        if stage.itsm_state == state
                        and (not stage.team_ids or team_id in stage.team_ids.ids)
                    ),
                    None,
                )
            if not known[team_id, state]:
                team = self.env["helpdesk.ticket.team"].browse(team_id or [])
                raise UserError(
                    self.env._(
                        "No stage of %(team)s means '%(state)s'. Add one under "
                        "Settings / Stages, then load the tickets again.",
                        team=team.name or self.env._("tickets without team"),
                        state=dict(ITSM_STATES)[state],
                    )
                )
            return known[team_id, state]

        return find

    # ------------------------------------------------------------------
    # New tickets
    # ------------------------------------------------------------------

    def _create(self, fresh, company, run, stages):
        """Create tickets; return ``{place: LoadedTicket}``."""
        if not fresh:
            return {}
        store = self.env["itsm.history.store"]
        histories = [history for _place, history in fresh]
        taken = self._find_taken_numbers(histories)
        # helpdesk_mgmt looks at each team in turn.
        self.env["helpdesk.ticket.team"].browse(
            {history.values.get("team_id") for history in histories} - {None, False}
        ).fetch(["company_id", "ticket_properties"])
        tickets = self.env["helpdesk.ticket"].create(
            [
                {
                    "user_id": False,
                    "number": "/" if history.number in taken else history.number,
                    **history.values,
                    "company_id": company.id,
                    "stage_id": stages(
                        history.values.get("team_id"), history.dates.itsm_state
                    ),
                    "opened_at": history.opened_at,
                    "history_source": history.source,
                    "history_number": history.number,
                    "history_until": history.until,
                    "history_rows": history.rows,
                    "history_import_id": run.id if run else False,
                    "is_history": True,
                }
                for history in histories
            ]
        )
        pairs = list(zip(tickets, histories, strict=True))
        # Before the tickets are flushed, which would else begin their spans now.
        store.insert_spans(
            (ticket.id, span) for ticket, history in pairs for span in history.spans
        )
        store.store_dates(pairs)
        store.post_messages(pairs)
        loaded = {}
        for (place, history), ticket in zip(fresh, tickets, strict=True):
            loaded[place] = LoadedTicket(
                ticket.id,
                "created",
                new_rows=history.rows,
                used_rows=sum(bool(span.line) for span in history.spans),
                spans=len(history.spans),
            )
            if history.number in taken:
                loaded[place].remarks.append(("number_taken", ticket.number))
        return loaded

    def _find_taken_numbers(self, histories):
        """Return the numbers that other tickets have, or that are used twice."""
        numbers = [history.number for history in histories]
        rows = self.env.execute_query(
            SQL("SELECT number FROM helpdesk_ticket WHERE number = ANY(%s)", numbers)
        )
        twice = (number for number, n in Counter(numbers).items() if n > 1)
        return {number for (number,) in rows}.union(twice)

    # ------------------------------------------------------------------
    # Tickets whose history goes on
    # ------------------------------------------------------------------

    def _continue(self, longer, stages):
        """Add the later part of histories to tickets that were loaded before.

        :param list longer: ``(place, StoredHistory, TicketHistory)``
        :return: ``{place: LoadedTicket}``
        """
        if not longer:
            return {}
        store = self.env["itsm.history.store"]
        loaded, dropped, added, pairs = {}, [], [], []
        tickets = self.env["helpdesk.ticket"].browse(
            known.ticket_id for _place, known, _history in longer
        )
        for ticket, (place, known, history) in zip(tickets, longer, strict=True):
            joined = known.join(history)
            same = 0
            for new, old in zip(joined.spans, known.spans, strict=False):
                if new[:9] != old[:9]:
                    break
                same += 1
            dropped.extend((ticket.id, span.start) for span in known.spans[same:])
            added.extend((ticket.id, span) for span in joined.spans[same:])
            new_rows = known.count_new_rows(history, joined.is_whole)
            used_rows = sum(bool(span.line) for span in joined.spans[same:])
            loaded[place] = LoadedTicket(
                ticket.id,
                "continued",
                new_rows=new_rows,
                used_rows=min(used_rows, new_rows),
                spans=len(joined.spans) - same,
            )
            if not joined.agrees:
                loaded[place].remarks.append(("history_differs", ""))
            later = replace(
                history,
                spans=joined.spans,
                dates=joined.dates,
                assigned_at=known.assigned_at or history.assigned_at,
            )
            pairs.append((ticket, later))
        store.drop_spans(dropped)
        store.insert_spans(added)
        for ticket, history in pairs:
            values = {
                name: value
                for name, value in history.values.items()
                if value or name in ("team_id", "user_id", "assignee_name")
            }
            # What people may have put into better words here stays.
            for name in ("name", "description", "number"):
                values.pop(name, None)
            values["stage_id"] = stages(values.get("team_id"), history.dates.itsm_state)
            values["history_until"] = history.until
            values["history_rows"] = history.rows
            ticket.write(values)
        store.store_dates(pairs)
        return loaded
