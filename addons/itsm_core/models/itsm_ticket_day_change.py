from odoo import fields, models
from odoo.tools import SQL

from .helpdesk_ticket_stage import ITSM_STATES
from .itsm_ticket_day import ItsmTicketDay
from .itsm_ticket_span import PENDING_REASONS


class ItsmTicketDayChange(models.Model):
    """By how much the numbers of ``itsm.ticket.day`` change from day to day.

    Two rows for each span that lasted beyond midnight: 1 on the first day that ended
    in it, and -1 on the first that no longer did. Added up to a day, they are the
    tickets of that day: 500,000 spans are a million rows here, where they would be
    tens of millions there.
    """

    _name = "itsm.ticket.day.change"
    _description = "Change of a Day's Tickets"
    _inherit = ["itsm.ticket.figure.mixin"]
    _auto = False
    _order = "day, id"
    _depends = ItsmTicketDay._depends

    day = fields.Date(readonly=True)
    change = fields.Integer(readonly=True)
    itsm_state = fields.Selection(ITSM_STATES, string="State", readonly=True)
    pending_reason = fields.Selection(
        PENDING_REASONS, string="Waiting For", readonly=True
    )
    span_id = fields.Many2one("itsm.ticket.span", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT r.span_id * 2 + c.side AS id, r.span_id, r.ticket_id, r.company_id,
                   r.itsm_state, r.pending_reason, %(dimensions)s,
                   CASE c.side WHEN 0 THEN r.first_day ELSE r.last_day END AS day,
                   1 - 2 * c.side AS change
              FROM (
            SELECT s.id AS span_id, s.ticket_id, t.company_id, s.itsm_state,
                   s.pending_reason, %(span_dimensions)s,
                   (s.start AT TIME ZONE 'UTC' AT TIME ZONE z.tz)::date AS first_day,
                   (s.stop AT TIME ZONE 'UTC' AT TIME ZONE z.tz)::date AS last_day
              FROM itsm_ticket_span s
              JOIN helpdesk_ticket t ON t.id = s.ticket_id AND t.active
              JOIN (%(zones)s) z ON z.company_id = t.company_id
                   ) r
        CROSS JOIN (VALUES (0), (1)) AS c(side)
             WHERE r.first_day IS DISTINCT FROM r.last_day
               AND (c.side = 0 OR r.last_day IS NOT NULL)
            """,
            dimensions=self._get_dimensions_sql("r"),
            span_dimensions=self._get_dimensions_sql("s"),
            zones=self.env["itsm.ticket.day"]._get_zones_sql(),
        )
