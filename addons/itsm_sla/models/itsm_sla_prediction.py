from odoo import api, fields, models

from odoo.addons.itsm_core.models.itsm_priority_rule import PRIORITIES

from ..tools.back_test import ENOUGH_TICKETS
from .itsm_agreement import KINDS
from .itsm_agreement_target import METRICS

#: What is predicted. The time between updates starts anew with each message, so that
#: the record of a ticket tells of its last one only.
PREDICTED = ("response", "resolution")


class ItsmSlaPrediction(models.Model):
    """How well misses can be told in advance, judged on the company's own record.

    One row for each kind of clock, its hours and the priority: durations in different
    hours do not compare, and neither do those of different urgency.
    """

    _name = "itsm.sla.prediction"
    _description = "Prediction Quality"
    _order = "kind, metric, priority desc, case_count desc, id"
    _rec_name = "metric"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(KINDS, required=True, readonly=True)
    metric = fields.Selection(
        [metric for metric in METRICS if metric[0] in PREDICTED],
        required=True,
        readonly=True,
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Hours",
        readonly=True,
        ondelete="cascade",
        help="Empty: day and night.",
    )
    priority = fields.Selection(PRIORITIES, required=True, readonly=True)
    case_count = fields.Integer(
        string="Cases", readonly=True, help="Finished tickets that were learned from."
    )
    judged_tickets = fields.Integer(
        string="Judged On",
        readonly=True,
        help="Finished tickets, opened after those that were learned from for this "
        "test, on which predictions were tried.",
    )
    judged_moments = fields.Integer(
        readonly=True,
        help="Each ticket is tried when it is opened, and when a quarter, half and "
        "three quarters of the time are used.",
    )
    score_prediction = fields.Float(
        string="Prediction",
        digits=(5, 4),
        readonly=True,
        aggregator=None,
        help="Brier score: mean squared error of the chances told. 0 is perfect.",
    )
    score_constant = fields.Float(
        string="Constant Guess",
        digits=(5, 4),
        readonly=True,
        aggregator=None,
        help="Brier score of always telling the share that was missed in the end.",
    )
    score_share = fields.Float(
        string="Share of Time Used",
        digits=(5, 4),
        readonly=True,
        aggregator=None,
        help="Brier score of taking the share of the time used for the chance.",
    )
    is_shown = fields.Boolean(
        string="Shown",
        readonly=True,
        help="Chances are shown on tickets where they beat both other guesses.",
    )
    verdict = fields.Selection(
        [
            ("shown", "Better than both guesses"),
            ("few", "Too few tickets to judge"),
            ("constant", "No better than a constant guess"),
            ("share", "No better than the share of time used"),
        ],
        compute="_compute_verdict",
    )
    refreshed_at = fields.Datetime(string="Refreshed", required=True, readonly=True)
    curve_ids = fields.One2many("itsm.sla.curve", "prediction_id", readonly=True)

    _what_uniq = models.UniqueIndex(
        "(company_id, kind, metric, priority, COALESCE(calendar_id, 0))"
    )

    @api.depends("is_shown", "judged_tickets", "score_prediction", "score_constant")
    def _compute_verdict(self):
        for prediction in self:
            if prediction.is_shown:
                prediction.verdict = "shown"
            elif prediction.judged_tickets < ENOUGH_TICKETS:
                prediction.verdict = "few"
            elif prediction.score_prediction >= prediction.score_constant:
                prediction.verdict = "constant"
            else:
                prediction.verdict = "share"
