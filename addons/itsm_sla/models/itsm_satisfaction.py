from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.itsm_core.models.itsm_priority_rule import PRIORITIES
from odoo.addons.itsm_core.models.itsm_ticket_span import SPAN_ATTRIBUTES, TICKET_TYPES
from odoo.addons.rating.models.rating_data import (
    RATING_LIMIT_MIN,
    RATING_LIMIT_SATISFIED,
    RATING_TEXT,
)


class ItsmSatisfaction(models.Model):
    """How satisfied customers are, for reports.

    One row for each question that was put to a customer, with or without an answer.
    Customer, service and team are those the ticket had when the customer was asked:
    a ticket that moves later moves no figure. Who was assigned is left out on
    purpose: these figures are about services and not about people at work.
    """

    _name = "itsm.satisfaction"
    _description = "Satisfaction"
    _auto = False
    _order = "asked_on desc, id desc"
    _rec_name = "ticket_id"
    _depends = {
        "helpdesk.ticket": ["active", "company_id", *SPAN_ATTRIBUTES],
        "rating.rating": [
            "consumed",
            "feedback",
            "partner_id",
            "rated_on",
            "rating",
            "rating_text",
            "res_id",
            "res_model",
        ],
        "res.company": ["partner_id"],
        "res.partner": ["tz"],
    }

    ticket_id = fields.Many2one("helpdesk.ticket", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    customer_id = fields.Many2one("res.partner", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Asked", readonly=True)
    service_id = fields.Many2one("itsm.service", readonly=True)
    team_id = fields.Many2one("helpdesk.ticket.team", readonly=True)
    priority = fields.Selection(PRIORITIES, readonly=True)
    ticket_type = fields.Selection(TICKET_TYPES, string="Type", readonly=True)
    asked_on = fields.Datetime(readonly=True)
    answered_on = fields.Datetime(readonly=True)
    month = fields.Date(
        readonly=True,
        help="The first day of the month in which the customer was asked, in the time "
        "zone of the company.",
    )
    is_answered = fields.Boolean(string="Answered", readonly=True)
    rating_text = fields.Selection(RATING_TEXT, string="Rating", readonly=True)
    feedback = fields.Text(string="Comment", readonly=True)
    asked_count = fields.Integer(string="Questions", readonly=True)
    answered_count = fields.Integer(string="Answers", readonly=True)
    rating = fields.Float(
        string="Average Rating",
        readonly=True,
        digits=(3, 2),
        aggregator="avg",
        help="From 1, dissatisfied, to 5, satisfied.",
    )
    satisfied_percent = fields.Float(
        string="Satisfied %",
        readonly=True,
        digits=(5, 2),
        aggregator="avg",
        help="Satisfied customers, in % of those who answered.",
    )
    answered_percent = fields.Float(
        string="Answered %",
        readonly=True,
        digits=(5, 2),
        aggregator="avg",
        help="Answers, in % of the questions.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT r.id, t.id AS ticket_id, t.company_id, s.customer_id,
                   r.partner_id, s.service_id, s.team_id, s.priority, s.ticket_type,
                   r.create_date AS asked_on,
                   CASE WHEN a.is_answered THEN r.rated_on END AS answered_on,
                   date_trunc('month', r.create_date AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(p.tz, 'UTC'))::date AS month,
                   a.is_answered,
                   CASE WHEN a.is_answered THEN r.rating_text END AS rating_text,
                   CASE WHEN a.is_answered THEN r.feedback END AS feedback,
                   1 AS asked_count,
                   a.is_answered::int AS answered_count,
                   CASE WHEN a.is_answered THEN r.rating END AS rating,
                   CASE WHEN a.is_answered
                        THEN 100.0 * (r.rating >= %(satisfied)s)::int END
                        AS satisfied_percent,
                   100.0 * a.is_answered::int AS answered_percent
              FROM rating_rating r
              JOIN helpdesk_ticket t ON t.id = r.res_id AND t.active
              JOIN res_company y ON y.id = t.company_id
              JOIN res_partner p ON p.id = y.partner_id
        CROSS JOIN LATERAL (
                   SELECT COALESCE(r.consumed AND r.rating >= %(least)s, FALSE)
                          AS is_answered) a
         LEFT JOIN LATERAL (
                   SELECT x.customer_id, x.service_id, x.team_id, x.priority,
                          x.ticket_type
                     FROM itsm_ticket_span x
                    WHERE x.ticket_id = t.id
                 ORDER BY x.start > r.create_date,
                          CASE WHEN x.start <= r.create_date THEN x.start END DESC,
                          x.start
                    LIMIT 1) s ON TRUE
             WHERE r.res_model = 'helpdesk.ticket'
            """,
            satisfied=RATING_LIMIT_SATISFIED,
            least=RATING_LIMIT_MIN,
        )

    def action_open_ticket(self):
        """Open the ticket that was rated."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": self.ticket_id.id,
            "view_mode": "form",
        }


class ItsmAnonymizer(models.AbstractModel):
    """The part that removes who rated, and in which words. The rating stays."""

    _name = "itsm.anonymizer"
    _inherit = ["itsm.anonymizer"]

    def _anonymize_elsewhere(self, ids):
        result = super()._anonymize_elsewhere(ids)
        self.env.cr.execute(
            SQL(
                """
                UPDATE rating_rating
                   SET partner_id = NULL, feedback = NULL, access_token = NULL,
                       res_name = NULL
                 WHERE res_model = 'helpdesk.ticket' AND res_id = ANY(%s)
                """,
                ids,
            )
        )
        return result
