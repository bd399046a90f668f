from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools.change_window import FIRST_YEAR, LAST_YEAR


class ItsmBoundsMixin(models.AbstractModel):
    """Dates and numbers that make no sense are refused before anything works with them.

    An adopter declares ``_planned_fields``, which lie in years in which work takes
    place, and ``_number_bounds``, as ``{field: (least, most)}``.
    """

    _name = "itsm.bounds.mixin"
    _description = "Bounds of Dates and Numbers"

    _planned_fields = ()
    _number_bounds = {}

    @api.constrains(lambda self: self._planned_fields)
    def _check_planned_years(self):
        for record in self:
            for name in self._planned_fields:
                moment = record[name]
                if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s” cannot be in the year %(year)s. Give a date "
                            "between %(first)s and %(last)s.",
                            field=record._fields[name]._description_string(self.env),
                            year=str(moment.year),
                            first=str(FIRST_YEAR),
                            last=str(LAST_YEAR),
                        )
                    )

    @api.constrains(lambda self: tuple(self._number_bounds))
    def _check_number_bounds(self):
        for record in self:
            for name, (least, most) in self._number_bounds.items():
                if not least <= record[name] <= most:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s” takes %(least)s to %(most)s.",
                            field=record._fields[name]._description_string(self.env),
                            least=least,
                            most=most,
                        )
                    )
