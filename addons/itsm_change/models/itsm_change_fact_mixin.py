from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.itsm_core.tools.uninstall import guard_unlink

# An object that no client can send: who holds it loads history.
_KEY = object()
_KEY_NAME = "itsm_change_fact_key"


class ItsmChangeFactMixin(models.AbstractModel):
    """What somebody said about a change: recorded once, by whom and when.

    Never rewritten and never deleted, superusers included. Who says something else
    later adds a record. An adopter says in ``_check_fact`` who may say what.
    """

    _name = "itsm.change.fact.mixin"
    _description = "Recorded Word on a Change"

    recorded_by_id = fields.Many2one("res.users", required=True, readonly=True)
    date = fields.Datetime(string="Recorded On", required=True, readonly=True)

    def _check_fact(self):
        """Raise a ``UserError`` unless the current user may say this now."""

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.context.get(_KEY_NAME) is _KEY:
            unkeyed = self.with_context(**{_KEY_NAME: None})
            return super(ItsmChangeFactMixin, unkeyed).create(vals_list)
        # Said here, so that neither a client nor a default of one decides.
        stamp = {"recorded_by_id": self.env.uid, "date": fields.Datetime.now()}
        facts = super().create([{**vals, **stamp} for vals in vals_list])
        facts._check_fact()
        return facts

    @api.model
    def _load(self, vals_list):
        """Return the facts of these values, taken over as they were elsewhere.

        For imports and demo data: `vals_list` says by whom and when, and nothing is
        checked but what constraints say.

        :raise AccessError: unless the user is an administrator
        """
        if not self.env.user._is_system():
            raise AccessError(
                self.env._("Only an administrator can load the history of records.")
            )
        return self.with_context(**{_KEY_NAME: _KEY}).create(vals_list)

    def write(self, vals):
        self._refuse_rewriting()
        return super().write(vals)

    @guard_unlink
    def _unlink_except_never(self):
        self._refuse_rewriting()

    def _refuse_rewriting(self):
        raise UserError(
            self.env._(
                "%(records)s: what was recorded is neither changed nor deleted. Record "
                "what holds now beside it.",
                records=self.env["ir.model"]._get(self._name).name,
            )
        )
