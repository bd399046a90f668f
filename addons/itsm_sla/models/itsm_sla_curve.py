from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.survival import Curve


class ItsmSlaCurve(models.Model):
    """How long similar finished tickets took, made anew each night.

    One row for each service and team with enough cases, for each of them alone, and
    for all tickets of a priority.
    """

    _name = "itsm.sla.curve"
    _description = "Curve of Similar Tickets"
    _order = "prediction_id, case_count desc, id"
    _rec_name = "prediction_id"

    prediction_id = fields.Many2one(
        "itsm.sla.prediction",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="prediction_id.company_id", store=True)
    service_id = fields.Many2one(
        "itsm.service",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: whichever service.",
    )
    team_id = fields.Many2one(
        "helpdesk.ticket.team",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        help="Empty: whichever team.",
    )
    case_count = fields.Integer(string="Cases", readonly=True)
    missed_count = fields.Integer(
        string="Missed", readonly=True, help="Of these, how many took too long."
    )
    finished = fields.Json(
        readonly=True, help="Seconds of service time of each finished case."
    )
    lapsed = fields.Json(
        readonly=True,
        help="Seconds of service time of cases that were cancelled before the end.",
    )

    @api.model
    def _read_curves(self, prediction_ids, service_ids, team_ids):
        """Return ``{prediction id: {(service id, team id): Curve}}``.

        :param service_ids: of the tickets in question; `team_ids` the same
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT prediction_id, service_id, team_id, finished, lapsed
                  FROM itsm_sla_curve
                 WHERE prediction_id = ANY(%s)
                   AND (service_id IS NULL OR service_id = ANY(%s))
                   AND (team_id IS NULL OR team_id = ANY(%s))
                """,
                list(prediction_ids),
                list(service_ids),
                list(team_ids),
            )
        )
        curves = {}
        for prediction_id, service_id, team_id, finished, lapsed in rows:
            of_prediction = curves.setdefault(prediction_id, {})
            of_prediction[service_id, team_id] = Curve(
                # The ORM stores an empty list as nothing.
                finished or (),
                lapsed or (),
            )
        return curves
