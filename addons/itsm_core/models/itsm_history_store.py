import json
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from .itsm_ticket_span import get_supplier_column

#: Columns of a ticket that follow from its dates.
DATE_COLUMNS = (
    "state_since",
    "resolved_date",
    "closed_date",
    "reopen_count",
    "assigned_date",
    "last_stage_update",
)


class ItsmHistoryStore(models.AbstractModel):
    """Writes facts of the past in SQL, for the history loader alone.

    The ORM dates what it writes now, and tells everybody.
    """

    _name = "itsm.history.store"
    _description = "History Store"

    @api.private
    def insert_spans(self, spans):
        """Store spans. The customer is the ticket's: sources tell of one only.

        :param spans: iterable of ``(ticket id, Span)``
        """
        rows = [
            {
                "ticket_id": ticket_id,
                "start": fields.Datetime.to_string(span.start),
                "stop": fields.Datetime.to_string(span.stop) or None,
                "itsm_state": span.itsm_state,
                "pending_reason": span.pending_reason or None,
                "team_id": span.team or None,
                "user_id": span.assignee[0] or None,
                "assignee_name": span.assignee[1] or None,
                "priority": span.priority,
                "service_id": span.service or None,
                "ticket_type": span.ticket_type,
                "is_estimated": span.is_estimated,
            }
            for ticket_id, span in spans
        ]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO itsm_ticket_span (
                    ticket_id, start, stop, itsm_state, pending_reason, team_id,
                    user_id, assignee_name, priority, service_id, ticket_type,
                    is_estimated, customer_id, supplier_id)
                SELECT span.*, t.customer_id, %s
                  FROM jsonb_to_recordset(%s) AS span(
                       ticket_id int, start timestamp, stop timestamp,
                       itsm_state varchar, pending_reason varchar, team_id int,
                       user_id int, assignee_name varchar, priority varchar,
                       service_id int, ticket_type varchar, is_estimated bool)
                  JOIN helpdesk_ticket t ON t.id = span.ticket_id
                """,
                get_supplier_column("span"),
                json.dumps(rows),
            )
        )
        self.env["itsm.ticket.span"].invalidate_model(flush=False)

    @api.private
    def store_dates(self, pairs):
        """Put the true dates of tickets in the place of those of the load."""
        Ticket = self.env["helpdesk.ticket"]
        Ticket.flush_model()
        to_string = fields.Datetime.to_string
        rows = []
        facts = defaultdict(list)
        for ticket, history in pairs:
            dates = history.dates
            rows.append(
                {
                    "id": ticket.id,
                    "state_since": to_string(dates.state_since),
                    "resolved_date": to_string(dates.resolved_at) or None,
                    "closed_date": to_string(dates.closed_at) or None,
                    "reopen_count": dates.reopen_count,
                    "assigned_date": to_string(history.assigned_at) or None,
                    "last_stage_update": to_string(dates.state_since),
                }
            )
            for name, moment in history.facts.items():
                facts[name].append({"id": ticket.id, "value": to_string(moment)})
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_ticket t SET (%s) = ROW(%s)
                  FROM jsonb_to_recordset(%s) AS dates(
                       id int, state_since timestamp, resolved_date timestamp,
                       closed_date timestamp, reopen_count int,
                       assigned_date timestamp, last_stage_update timestamp)
                 WHERE t.id = dates.id
                """,
                SQL(", ").join(map(SQL.identifier, DATE_COLUMNS)),
                SQL(", ").join(SQL.identifier("dates", c) for c in DATE_COLUMNS),
                json.dumps(rows),
            )
        )
        for name, values in facts.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE helpdesk_ticket t SET %s = fact.value"
                    " FROM jsonb_to_recordset(%s) AS fact(id int, value timestamp)"
                    " WHERE t.id = fact.id",
                    SQL.identifier(name),
                    json.dumps(values),
                )
            )
        Ticket.invalidate_model(flush=False)

    @api.private
    def post_messages(self, pairs):
        """Store messages as they were sent at the time, notifying nobody."""
        comment = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment")
        note = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
        vals_list = [
            {
                "model": "helpdesk.ticket",
                "res_id": ticket.id,
                "record_name": ticket.display_name,
                "date": message["date"],
                "author_id": message["author_id"],
                "email_from": message.get("email_from") or False,
                "body": message["body"],
                "is_internal": message["is_internal"],
                "subtype_id": note if message["is_internal"] else comment,
                "message_type": "comment",
                "reply_to": False,
            }
            for ticket, history in pairs
            for message in history.messages
        ]
        if vals_list:
            self.env["mail.message"].create(vals_list)

    @api.private
    def drop_spans(self, keys):
        """Take away the last spans of tickets, to store them again with an end.

        :param list keys: ``(ticket id, start)``
        """
        rows = [
            {"ticket_id": ticket_id, "start": fields.Datetime.to_string(start)}
            for ticket_id, start in keys
        ]
        self.env.cr.execute(
            SQL(
                "DELETE FROM itsm_ticket_span s USING jsonb_to_recordset(%s)"
                " AS gone(ticket_id int, start timestamp)"
                " WHERE s.ticket_id = gone.ticket_id AND s.start = gone.start",
                json.dumps(rows),
            )
        )
