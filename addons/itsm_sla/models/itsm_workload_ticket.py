from odoo import fields, models
from odoo.tools import SQL

from .itsm_agreement import BINDING_STATES

#: What the choice of an agreement and of its line depends on.
FACTS = {
    "helpdesk.ticket": [
        "active",
        "company_id",
        "customer_id",
        "opened_at",
        "priority",
        "service_id",
        "team_id",
        "ticket_type",
        "user_id",
    ],
    "itsm.agreement": [
        "active",
        "calendar_id",
        "company_id",
        "date_end",
        "date_start",
        "kind",
        "partner_id",
        "service_ids",
        "state",
    ],
    "itsm.agreement.volume": ["agreement_id", "expected", "service_id", "ticket_type"],
    "res.company": ["partner_id"],
    "res.partner": ["tz"],
    "resource.calendar": ["tz"],
}


class ItsmWorkloadTicket(models.Model):
    """The tickets that come under agreements in which a volume is expected.

    A ticket counts to one agreement, by the rules of its clocks: the customer's for
    the service, else the customer's general one, else the default of the service,
    else that of the company, in force on the day of opening. It counts as the ticket
    stands now, whether or not a target matches it. Of the agreement's lines the most
    specific counts: one for a service goes before one for a type.
    """

    _name = "itsm.workload.ticket"
    _description = "Ticket of a Workload"
    _inherit = ["itsm.ticket.figure.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _depends = FACTS

    date = fields.Datetime(string="Opened", readonly=True)
    month = fields.Date(
        readonly=True,
        help="The first day of the month in which it was opened, in the time zone of "
        "the agreement.",
    )
    agreement_id = fields.Many2one("itsm.agreement", readonly=True)
    volume_id = fields.Many2one(
        "itsm.agreement.volume",
        string="Expected As",
        readonly=True,
        help="Empty: the agreement expects no such tickets.",
    )

    @property
    def _table_query(self):
        lines = SQL(" ").join(
            SQL(
                """
                LEFT JOIN itsm_agreement_volume %(alias)s
                  ON %(alias)s.agreement_id = c.agreement_id
                 AND COALESCE(%(alias)s.service_id, 0) = %(service)s
                 AND COALESCE(%(alias)s.ticket_type, '') = %(ticket_type)s
                """,
                alias=SQL.identifier(f"v{rank}"),
                service=SQL(service),
                ticket_type=SQL(ticket_type),
            )
            for rank, (service, ticket_type) in enumerate(
                (
                    ("c.service_id", "c.ticket_type"),
                    ("c.service_id", "''"),
                    ("0", "c.ticket_type"),
                    ("0", "''"),
                )
            )
        )
        return SQL(
            """
            SELECT c.id, c.id AS ticket_id, c.company_id, c.date, c.agreement_id,
                   COALESCE(v0.id, v1.id, v2.id, v3.id) AS volume_id, c.team_id,
                   c.user_id, c.service_id, c.customer_id, c.priority, c.ticket_type,
                   date_trunc('month', c.date AT TIME ZONE 'UTC'
                                              AT TIME ZONE c.tz)::date AS month
              FROM (%(chosen)s) c
                   %(lines)s
             WHERE EXISTS (SELECT FROM itsm_agreement_volume w
                            WHERE w.agreement_id = c.agreement_id)
            """,
            chosen=self._get_choice_sql(),
            lines=lines,
        )

    def _get_choice_sql(self):
        """Return SQL for tickets with the agreement that applies to each.

        The rules of ``tools/agreement_book.py``. Where two agreements of one rank
        hold, which activation refuses, the later one counts.
        """
        joins = SQL(" ").join(
            SQL(
                """
                LEFT JOIN terms %(alias)s
                  ON %(alias)s.company_id = t.company_id
                 AND %(alias)s.party = %(party)s
                 AND %(alias)s.service = %(service)s
                 AND %(alias)s.start <= t.opened_at
                 AND t.opened_at < %(alias)s.stop
                """,
                alias=SQL.identifier(f"a{rank}"),
                party=SQL(party),
                service=SQL(service),
            )
            for rank, (party, service) in enumerate(
                (
                    ("t.customer_id", "t.service_id"),
                    ("t.customer_id", "0"),
                    ("0", "t.service_id"),
                    ("0", "0"),
                )
            )
        )
        return SQL(
            """
            WITH terms AS (
                SELECT y.agreement_id, y.company_id, y.party, y.service, y.tz, y.start,
                       COALESCE(LEAST(y.stop, LEAD(y.start) OVER (
                           PARTITION BY y.company_id, y.party, y.service
                           ORDER BY y.start, y.agreement_id)), 'infinity') AS stop
                  FROM (
                SELECT z.agreement_id, z.company_id, z.party, z.tz,
                       COALESCE(r.service_id, 0) AS service,
                       z.first::timestamp AT TIME ZONE z.tz AT TIME ZONE 'UTC'
                           AS start,
                       (z.last + 1)::timestamp AT TIME ZONE z.tz AT TIME ZONE 'UTC'
                           AS stop
                  FROM (%(terms)s) z
             LEFT JOIN itsm_agreement_service_rel r ON r.agreement_id = z.agreement_id
                       ) y
            )
            SELECT t.id, t.company_id, t.opened_at AS date, t.team_id, t.user_id,
                   t.service_id, t.customer_id, t.priority, t.ticket_type,
                   COALESCE(a0.agreement_id, a1.agreement_id, a2.agreement_id,
                            a3.agreement_id) AS agreement_id,
                   COALESCE(a0.tz, a1.tz, a2.tz, a3.tz) AS tz
              FROM helpdesk_ticket t
                   %(joins)s
             WHERE t.active
               AND (a0.agreement_id IS NOT NULL OR a1.agreement_id IS NOT NULL
                    OR a2.agreement_id IS NOT NULL OR a3.agreement_id IS NOT NULL)
            """,
            joins=joins,
            terms=self._get_terms_sql(),
        )

    def _get_terms_sql(self):
        """Return SQL for the service level agreements that are or were in force."""
        return SQL(
            """
            SELECT a.id AS agreement_id, a.company_id, a.date_start AS first,
                   a.date_end AS last, COALESCE(a.partner_id, 0) AS party,
                   COALESCE(h.tz, p.tz, 'UTC') AS tz
              FROM itsm_agreement a
              JOIN res_company y ON y.id = a.company_id
              JOIN res_partner p ON p.id = y.partner_id
         LEFT JOIN resource_calendar h ON h.id = a.calendar_id
             WHERE a.kind = 'sla' AND a.state IN %s
            """,
            BINDING_STATES,
        )
