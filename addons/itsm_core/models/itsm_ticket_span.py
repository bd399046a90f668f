from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

from .helpdesk_ticket_stage import ITSM_STATES
from .itsm_priority_rule import PRIORITIES

PENDING_REASONS = [
    ("customer", "Customer"),
    ("supplier", "Supplier"),
    ("change", "Change"),
    ("approval", "Approval"),
    ("planned", "Planned Date"),
]
TICKET_TYPES = [
    ("incident", "Incident"),
    ("request", "Service Request"),
    ("complaint", "Complaint"),
]
#: What clocks and reports depend on: a new span begins when one of these changes.
SPAN_ATTRIBUTES = (
    "itsm_state",
    "pending_reason",
    "team_id",
    "user_id",
    "priority",
    "service_id",
    "ticket_type",
    "customer_id",
)
#: The attributes as columns: of a table to fill, of a ticket `t`, and of a span `s`.
_ATTRIBUTES = SQL(", ").join(map(SQL.identifier, SPAN_ATTRIBUTES))
_OF_TICKET = SQL(", ").join(SQL.identifier("t", name) for name in SPAN_ATTRIBUTES)
_OF_SPAN = SQL(", ").join(SQL.identifier("s", name) for name in SPAN_ATTRIBUTES)


class ItsmTicketSpan(models.Model):
    """The recorded facts about a ticket.

    One row for each uninterrupted combination of the attributes above. The spans
    of a ticket begin when it is opened and follow each other without gap or
    overlap; the last one has no stop. They are written in SQL when tickets are
    flushed, so that no path by which a ticket changes is missed, and never
    through the ORM.
    """

    _name = "itsm.ticket.span"
    _description = "Ticket Span"
    _inherit = ["itsm.recorded.mixin"]
    _order = "ticket_id, start, id"
    _log_access = False
    _rec_name = "ticket_id"
    # Searching or reading spans flushes the tickets first, which records them.
    _depends = {"helpdesk.ticket": list(SPAN_ATTRIBUTES)}

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="ticket_id.company_id", string="Company")
    start = fields.Datetime(required=True, readonly=True)
    stop = fields.Datetime(readonly=True, help="Empty while the span goes on.")
    itsm_state = fields.Selection(ITSM_STATES, string="State", readonly=True)
    pending_reason = fields.Selection(
        PENDING_REASONS, string="Waiting For", readonly=True
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Assigned To",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    priority = fields.Selection(PRIORITIES, readonly=True)
    service_id = fields.Many2one(
        "itsm.service", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    ticket_type = fields.Selection(TICKET_TYPES, string="Type", readonly=True)
    customer_id = fields.Many2one(
        "res.partner", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    supplier_id = fields.Many2one(
        "res.partner",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Whom the ticket waited for: the supplier that its service had then.",
    )
    is_estimated = fields.Boolean(
        string="Estimated",
        readonly=True,
        help="Rebuilt from older tracking, which does not tell everything.",
    )
    duration_hours = fields.Float(
        string="Hours",
        compute="_compute_duration_hours",
        help="Clock hours from start to stop, or to now.",
    )

    _ticket_start_index = models.Index("(ticket_id, start)")
    _one_current_span = models.UniqueIndex("(ticket_id) WHERE stop IS NULL")
    _stop_after_start = models.Constraint(
        "CHECK (stop IS NULL OR stop > start)",
        "A span has to stop after it starts.",
    )

    @api.depends("start", "stop")
    def _compute_duration_hours(self):
        now = fields.Datetime.now()
        for span in self:
            seconds = ((span.stop or now) - span.start).total_seconds()
            span.duration_hours = max(seconds, 0) / 3600

    def _auto_init(self):
        missing = table_exists(self.env.cr, self._table) and not column_exists(
            self.env.cr, self._table, "supplier_id"
        )
        result = super()._auto_init()
        if missing:
            # Of older spans, the supplier of today is the best that is known.
            self.env.cr.execute(
                SQL(
                    "UPDATE itsm_ticket_span s SET supplier_id = %s"
                    " WHERE s.pending_reason = 'supplier'",
                    get_supplier_column("s"),
                )
            )
        return result

    # ------------------------------------------------------------------
    # Facts are neither written nor deleted through the ORM
    # ------------------------------------------------------------------

    def _get_recorded_message(self):
        return self.env._(
            "Spans are recorded facts: they follow from what happens to the "
            "ticket and cannot be created, changed or deleted."
        )

    # ------------------------------------------------------------------
    # Recording
    # ------------------------------------------------------------------

    @api.model
    def _record(self, ticket_ids):
        """Bring the spans of flushed tickets in line with their columns.

        Runs while tickets are flushed, so it uses SQL alone: one statement, and
        two more when something changed twice within a second. A change of state
        counts from ``state_since`` of the ticket, any other from now (UTC). What
        lasted no time leaves no span, and equal neighbours become one.

        :param list[int] ticket_ids: tickets whose columns are written
        """
        self.env["itsm.ci"].flush_model(["supplier_id"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH changed AS (
                    SELECT t.id AS ticket_id, s.id AS span_id, s.start,
                           GREATEST(s.start, CASE
                               WHEN s.itsm_state IS DISTINCT FROM t.itsm_state
                               THEN COALESCE(t.state_since, %(now)s)
                               ELSE %(now)s
                           END) AS moment
                      FROM helpdesk_ticket t
                      JOIN itsm_ticket_span s
                        ON s.ticket_id = t.id AND s.stop IS NULL
                     WHERE t.id = ANY(%(ids)s)
                       AND (%(span_values)s) IS DISTINCT FROM (%(ticket_values)s)
                ), closed AS (
                    UPDATE itsm_ticket_span s
                       SET stop = c.moment
                      FROM changed c
                     WHERE s.id = c.span_id AND c.moment > c.start
                 RETURNING s.ticket_id, s.stop
                ), collapsed AS (
                    UPDATE itsm_ticket_span s
                       SET (%(attributes)s, supplier_id)
                           = ROW(%(ticket_values)s, %(supplier)s)
                      FROM changed c
                      JOIN helpdesk_ticket t ON t.id = c.ticket_id
                     WHERE s.id = c.span_id AND c.moment <= c.start
                 RETURNING s.id
                ), opened AS (
                    INSERT INTO itsm_ticket_span
                           (ticket_id, start, is_estimated, %(attributes)s,
                            supplier_id)
                    SELECT t.id, c.stop, FALSE, %(ticket_values)s, %(supplier)s
                      FROM closed c
                      JOIN helpdesk_ticket t ON t.id = c.ticket_id
                     UNION ALL
                    SELECT t.id, COALESCE(t.opened_at, t.create_date, %(now)s),
                           FALSE, %(ticket_values)s, %(supplier)s
                      FROM helpdesk_ticket t
                     WHERE t.id = ANY(%(ids)s)
                       AND NOT EXISTS (SELECT FROM itsm_ticket_span s
                                        WHERE s.ticket_id = t.id
                                          AND s.stop IS NULL)
                )
                SELECT id FROM collapsed
                """,
                ids=list(ticket_ids),
                now=fields.Datetime.now(),
                attributes=_ATTRIBUTES,
                ticket_values=_OF_TICKET,
                span_values=_OF_SPAN,
                supplier=get_supplier_column("t"),
            )
        )
        if rows:
            self._merge_with_previous([span_id for (span_id,) in rows])
        # The cache of this model never holds anything to flush.
        self.invalidate_model(flush=False)

    @api.model
    def _begin(self, ticket_ids):
        """Give new, flushed tickets their first span, unless they have one.

        Says what :meth:`_record` would, in a statement that takes half the time.

        :param list[int] ticket_ids: tickets without a span that has stopped
        :return: the spans that have begun, as their columns
        :rtype: list[dict]
        """
        self.env["itsm.ci"].flush_model(["supplier_id"])
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO itsm_ticket_span
                       (ticket_id, start, is_estimated, %(attributes)s, supplier_id)
                SELECT t.id, COALESCE(t.opened_at, t.create_date, %(now)s),
                       FALSE, %(ticket_values)s, %(supplier)s
                  FROM helpdesk_ticket t
                 WHERE t.id = ANY(%(ids)s)
                    ON CONFLICT (ticket_id) WHERE stop IS NULL DO NOTHING
             RETURNING ticket_id, start, %(attributes)s, supplier_id
                """,
                ids=list(ticket_ids),
                now=fields.Datetime.now(),
                attributes=_ATTRIBUTES,
                ticket_values=_OF_TICKET,
                supplier=get_supplier_column("t"),
            )
        )
        begun = self.env.cr.dictfetchall()
        # The cache of this model never holds anything to flush.
        self.invalidate_model(flush=False)
        return begun

    @api.model
    def _merge_with_previous(self, span_ids):
        """Join current spans to their predecessor where both say the same.

        Not where the state was left and entered again within the second: since
        then, and not since before, the ticket is in it.

        :param list[int] span_ids: current spans
        """
        rows = self.env.execute_query(
            SQL(
                """
                DELETE FROM itsm_ticket_span s
                 USING itsm_ticket_span t, helpdesk_ticket k
                 WHERE s.id = ANY(%s)
                   AND k.id = s.ticket_id
                   AND k.state_since < s.start
                   AND t.ticket_id = s.ticket_id
                   AND t.stop = s.start
                   AND (%s) IS NOT DISTINCT FROM (%s)
             RETURNING t.id
                """,
                span_ids,
                _OF_SPAN,
                _OF_TICKET,
            )
        )
        if rows:
            self.env.execute_query(
                SQL(
                    "UPDATE itsm_ticket_span SET stop = NULL WHERE id = ANY(%s)"
                    " RETURNING id",
                    [span_id for (span_id,) in rows],
                )
            )


def get_supplier_column(alias):
    """Return the supplier for which a ticket or span waits, as a column or NULL."""
    return SQL(
        """
        CASE WHEN %(reason)s = 'supplier' THEN (
            SELECT i.supplier_id
              FROM itsm_service v
              JOIN itsm_ci i ON i.id = v.ci_id
             WHERE v.id = %(service)s) END
        """,
        reason=SQL.identifier(alias, "pending_reason"),
        service=SQL.identifier(alias, "service_id"),
    )
