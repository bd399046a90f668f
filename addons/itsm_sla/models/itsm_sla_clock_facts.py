from operator import itemgetter

from odoo import api, models
from odoo.tools import SQL, groupby


class ItsmSlaClock(models.Model):
    """Reading the facts that clocks follow from: a query each, however many tickets."""

    _name = "itsm.sla.clock"
    _inherit = ["itsm.sla.clock"]

    @api.model
    def _read_facts(self, ticket_ids):
        """Return ``{ticket id: spans}``, moments as seconds since 1970.

        Each span brings along what it needs of its ticket.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT s.ticket_id, t.company_id,
                       EXTRACT(EPOCH FROM t.opened_at)::bigint AS opened_at,
                       EXTRACT(EPOCH FROM t.first_response_date)::bigint
                           AS first_response_date,
                       EXTRACT(EPOCH FROM s.start)::bigint AS start,
                       EXTRACT(EPOCH FROM s.stop)::bigint AS stop,
                       s.itsm_state, s.pending_reason,
                       COALESCE(s.customer_id, 0) AS customer_id,
                       COALESCE(s.service_id, 0) AS service_id,
                       COALESCE(s.team_id, 0) AS team_id,
                       COALESCE(s.supplier_id, 0) AS supplier_id,
                       s.ticket_type, s.priority
                  FROM itsm_ticket_span s
                  JOIN helpdesk_ticket t ON t.id = s.ticket_id
                 WHERE s.ticket_id = ANY(%s)
              ORDER BY s.ticket_id, s.start
                """,
                ticket_ids,
            )
        )
        rows = self.env.cr.dictfetchall()
        return dict(groupby(rows, itemgetter("ticket_id")))

    @api.model
    def _read_contacts(self, ticket_ids):
        """Return ``{ticket id: [moment]}`` of the desk's messages, in order."""
        ticket_ids = sorted(ticket_ids)
        if not ticket_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                "SELECT id, EXTRACT(EPOCH FROM moment)::bigint FROM (%s) c"
                " ORDER BY id, moment",
                self.env["helpdesk.ticket"]._get_contacts_query(ticket_ids),
            )
        )
        return {
            ticket_id: [moment for _id, moment in group]
            for ticket_id, group in groupby(rows, itemgetter(0))
        }
