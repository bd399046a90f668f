from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .itsm_change_policy import ITEMS_AT_MOST
from .itsm_risk_question import POINTS_AT_MOST

#: Levels of risk that take points, from the lowest.
LEVEL_FIELDS = (("2", "medium_from"), ("3", "high_from"), ("4", "very_high_from"))
#: Points by the criticality of a service, from the most critical.
CRITICALITY_FIELDS = {
    "1": "criticality_points_1",
    "2": "criticality_points_2",
    "3": "criticality_points_3",
    "4": "criticality_points_4",
}
#: Steps of the number of items: from so many on, so many points.
STEP_FIELDS = (
    ("item_limit_1", "item_points_1"),
    ("item_limit_2", "item_points_2"),
    ("item_limit_3", "item_points_3"),
    ("item_limit_4", "item_points_4"),
)
LIMIT_FIELDS = tuple(limit for limit, _points in STEP_FIELDS)
POINT_FIELDS = (
    *CRITICALITY_FIELDS.values(),
    *(points for _limit, points in STEP_FIELDS),
    "history_points",
    "busy_points",
)


class ItsmChangePolicy(models.Model):
    """How many points of risk what is known of a change adds, and what they mean.

    A risk that was assessed stays as it was: it counts anew when it is assessed anew.
    """

    _name = "itsm.change.policy"
    _inherit = ["itsm.bounds.mixin", "itsm.change.policy"]

    _number_bounds = {
        **{name: (1, POINTS_AT_MOST) for _level, name in LEVEL_FIELDS},
        **dict.fromkeys(POINT_FIELDS, (0, POINTS_AT_MOST)),
        **dict.fromkeys(LIMIT_FIELDS, (1, ITEMS_AT_MOST)),
    }

    medium_from = fields.Integer(
        string="Medium Risk From",
        default=25,
        tracking=True,
        help="From so many points on the risk of a change is medium; below it is low.",
    )
    high_from = fields.Integer(string="High Risk From", default=50, tracking=True)
    very_high_from = fields.Integer(
        string="Very High Risk From", default=75, tracking=True
    )
    criticality_points_1 = fields.Integer(
        string="Points of a Critical Service",
        default=30,
        tracking=True,
        help="The most critical of the services that a change affects counts.",
    )
    criticality_points_2 = fields.Integer(
        string="Points of a Service of High Criticality", default=20, tracking=True
    )
    criticality_points_3 = fields.Integer(
        string="Points of a Service of Medium Criticality", default=10, tracking=True
    )
    criticality_points_4 = fields.Integer(
        string="Points of a Service of Low Criticality", default=0, tracking=True
    )
    item_limit_1 = fields.Integer(
        string="First Number of Items",
        default=2,
        tracking=True,
        help="Items that a change touches, with those that it affects.",
    )
    item_points_1 = fields.Integer(
        string="Points from the First Number of Items", default=5, tracking=True
    )
    item_limit_2 = fields.Integer(
        string="Second Number of Items", default=10, tracking=True
    )
    item_points_2 = fields.Integer(
        string="Points from the Second Number of Items", default=10, tracking=True
    )
    item_limit_3 = fields.Integer(
        string="Third Number of Items", default=100, tracking=True
    )
    item_points_3 = fields.Integer(
        string="Points from the Third Number of Items", default=15, tracking=True
    )
    item_limit_4 = fields.Integer(
        string="Fourth Number of Items", default=1000, tracking=True
    )
    item_points_4 = fields.Integer(
        string="Points from the Fourth Number of Items", default=20, tracking=True
    )
    history_points = fields.Integer(
        string="Points of Past Changes",
        default=30,
        tracking=True,
        help="Where all past changes of the same items went wrong; half of them where "
        "half of these did.",
    )
    busy_points = fields.Integer(
        string="Points of a Busy Time", default=15, tracking=True
    )

    # ------------------------------------------------------------------
    # What makes sense
    # ------------------------------------------------------------------

    @api.constrains(*(name for _level, name in LEVEL_FIELDS))
    def _check_level_points(self):
        # What is out of bounds is told first.
        self._check_number_bounds()
        names = [name for _level, name in LEVEL_FIELDS]
        for policy in self:
            for lower, higher in pairwise(names):
                if policy[lower] >= policy[higher]:
                    raise policy._not_rising_error(lower, higher)

    @api.constrains(*POINT_FIELDS, *LIMIT_FIELDS)
    def _check_points(self):
        self._check_number_bounds()
        steps = [points for _limit, points in STEP_FIELDS]
        for policy in self:
            for lower, higher in pairwise(LIMIT_FIELDS):
                if policy[lower] >= policy[higher]:
                    raise policy._not_rising_error(lower, higher)
            for fewer, more in (
                *pairwise(steps),
                *pairwise(reversed(CRITICALITY_FIELDS.values())),
            ):
                if policy[fewer] > policy[more]:
                    raise ValidationError(
                        self.env._(
                            "“%(fewer)s” cannot be more than “%(more)s”.",
                            fewer=policy._get_label(fewer),
                            more=policy._get_label(more),
                        )
                    )

    def _not_rising_error(self, lower, higher):
        return ValidationError(
            self.env._(
                "“%(higher)s” has to be more than “%(lower)s”.",
                lower=self._get_label(lower),
                higher=self._get_label(higher),
            )
        )

    def _get_label(self, name):
        return self._fields[name]._description_string(self.env)

    # ------------------------------------------------------------------
    # What is asked of it
    # ------------------------------------------------------------------

    def _get_risk_level(self, points):
        """Return the level of risk, ``"1"`` to ``"4"``, of so many points."""
        self.ensure_one()
        reached = [level for level, name in LEVEL_FIELDS if points >= self[name]]
        return reached[-1] if reached else "1"

    def _get_criticality_points(self, criticality):
        """Return the points for a service of this criticality."""
        self.ensure_one()
        return self[CRITICALITY_FIELDS[criticality]]

    def _get_item_points(self, count):
        """Return the points for so many items, changed or affected."""
        self.ensure_one()
        reached = [
            self[points] for limit, points in STEP_FIELDS if count >= self[limit]
        ]
        return reached[-1] if reached else 0
