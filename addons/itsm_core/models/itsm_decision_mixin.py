from odoo import fields, models


class ItsmDecisionMixin(models.AbstractModel):
    """A finding on which somebody decides, by a method and never by writing.

    An adopter has a selection ``decision`` with the state "open", a ``reason``, and
    asks in its own methods who may decide.
    """

    _name = "itsm.decision.mixin"
    _description = "Finding to Be Decided"

    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_date = fields.Datetime(string="Decided On", readonly=True)
    action_id = fields.Many2one(
        "itsm.action",
        ondelete="restrict",
        index="btree_not_null",
        readonly=True,
    )

    def _decide(self, decision, **values):
        """Record what was decided, by whom and when."""
        # sudo: nobody writes decisions by hand; who calls has asked for the right.
        self.sudo().write(
            {
                "decision": decision,
                "decided_by_id": self.env.uid,
                "decided_date": fields.Datetime.now(),
                **values,
            }
        )

    def _undecide(self, decision="open", **values):
        """Forget what was decided, as it is another thing by now or was taken back."""
        # sudo: as for deciding.
        self.sudo().write(
            {
                "decision": decision,
                "action_id": False,
                "decided_by_id": False,
                "decided_date": False,
                "reason": False,
                **values,
            }
        )
