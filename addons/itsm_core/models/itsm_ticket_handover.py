from odoo import fields, models
from odoo.tools import SQL

from .itsm_ticket_figure_mixin import DIMENSIONS


class ItsmTicketHandover(models.Model):
    """Reassignments: one row whenever a ticket passed to other hands.

    To another team (ITIL: functional escalation), or, within a team, from the person
    who had it last to another one. Being taken for the first time is none, nor is
    being laid down and taken up again by the same person. Of a team and a person that
    change at once only the team is told, and so where the new team finds somebody
    later. The row is told apart as the ticket was right after it.
    """

    _name = "itsm.ticket.handover"
    _description = "Reassignment"
    _inherit = ["itsm.ticket.figure.mixin"]
    _auto = False
    _order = "date desc, id desc"
    _depends = {
        "helpdesk.ticket": ["active", "company_id", "itsm_state", *DIMENSIONS],
    }

    date = fields.Datetime(readonly=True)
    kind = fields.Selection(
        [("team", "Between Teams"), ("person", "Within the Team")],
        string="Handed Over",
        readonly=True,
    )
    from_team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    from_user_id = fields.Many2one("res.users", string="From Person", readonly=True)
    team_id = fields.Many2one(string="To Team")
    user_id = fields.Many2one(string="To Person")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT h.id, h.ticket_id, t.company_id, h.date, h.kind, h.from_team_id,
                   h.from_user_id, %(dimensions)s
              FROM (%(handovers)s) h
              JOIN itsm_ticket_span s ON s.id = h.id
              JOIN helpdesk_ticket t ON t.id = h.ticket_id AND t.active
            """,
            handovers=self._get_handovers_sql(),
            dimensions=self._get_dimensions_sql("s"),
        )

    def _get_handovers_sql(self):
        """Return SQL for all reassignments, by the span that began with each.

        Few spans begin with other hands than the one before ended with, and of those
        few follow one without team or person: only for these it is looked up who had
        the ticket last.
        """
        return SQL(
            """
            SELECT s.id, s.ticket_id, s.start AS date,
                   CASE WHEN COALESCE(p.team_id, b.team_id) <> s.team_id
                        THEN 'team' ELSE 'person' END AS kind,
                   COALESCE(p.team_id, b.team_id) AS from_team_id,
                   COALESCE(p.user_id, a.user_id) AS from_user_id
              FROM itsm_ticket_span s
              JOIN itsm_ticket_span p
                ON p.ticket_id = s.ticket_id
               AND p.stop = s.start
               AND (p.team_id IS DISTINCT FROM s.team_id
                    OR p.user_id IS DISTINCT FROM s.user_id)
         LEFT JOIN LATERAL (
                SELECT x.team_id
                  FROM itsm_ticket_span x
                 WHERE x.ticket_id = s.ticket_id
                   AND x.start < s.start
                   AND x.team_id IS NOT NULL
              ORDER BY x.start DESC
                 LIMIT 1
                   ) b ON p.team_id IS NULL AND s.team_id IS NOT NULL
         LEFT JOIN LATERAL (
                SELECT x.user_id, x.team_id
                  FROM itsm_ticket_span x
                 WHERE x.ticket_id = s.ticket_id
                   AND x.start < s.start
                   AND x.user_id IS NOT NULL
              ORDER BY x.start DESC
                 LIMIT 1
                   ) a ON p.user_id IS NULL AND s.user_id IS NOT NULL
             WHERE COALESCE(p.team_id, b.team_id) <> s.team_id
                OR (COALESCE(p.team_id, b.team_id) IS NOT DISTINCT FROM s.team_id
                    AND COALESCE(p.user_id, a.user_id) <> s.user_id
                    AND CASE WHEN p.user_id IS NULL THEN a.team_id ELSE p.team_id END
                        IS NOT DISTINCT FROM s.team_id)
            """
        )
