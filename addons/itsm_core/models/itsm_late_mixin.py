from odoo import api, fields, models
from odoo.fields import Domain

from ..tools.boolean_search import boolean_search


class ItsmLateMixin(models.AbstractModel):
    """A record with a workflow that is to have gone on by some day or moment.

    An adopter says for its states which date counts::

        _late_after = (
            (("draft", "planning"), "target_date"),
            (("review",), "review_date"),
        )

    Days are those of the user's clock; a day has to be over before anything is late.
    """

    _name = "itsm.late.mixin"
    _description = "Record That Can Be Overdue"
    _inherit = ["itsm.workflow.mixin"]

    _late_after = ()

    is_late = fields.Boolean(
        string="Overdue", compute="_compute_is_late", search="_search_is_late"
    )

    def _get_now(self, name):
        """Return what a date or datetime field is compared with."""
        if self._fields[name].type == "date":
            return fields.Date.context_today(self)
        return fields.Datetime.now()

    @api.depends_context("tz")
    @api.depends(
        lambda self: (
            self._workflow_field,
            *(name for _states, name in self._late_after),
        )
    )
    def _compute_is_late(self):
        dates = {
            state: (name, self._get_now(name))
            for states, name in self._late_after
            for state in states
        }
        for record in self:
            name, now = dates.get(record[self._workflow_field], (None, None))
            record.is_late = bool(name and record[name] and record[name] < now)

    @boolean_search
    def _search_is_late(self):
        return Domain.OR(
            Domain(self._workflow_field, "in", states)
            & Domain(name, "<", self._get_now(name))
            for states, name in self._late_after
        )
