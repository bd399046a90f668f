from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from odoo.addons.itsm_core.tools.uninstall import guard_unlink

from ..tools.escalation import Policy
from ..tools.working_time import to_epoch
from .itsm_escalation_rule import CONDITION_FIELDS


class ItsmEscalationRule(models.Model):
    """From when on rules hold, and what they ask for, as clocks are planned by it."""

    _name = "itsm.escalation.rule"
    _inherit = ["itsm.escalation.rule"]

    @api.model_create_multi
    def create(self, vals_list):
        now = fields.Datetime.now()
        for vals in vals_list:
            self._check_moment_untouched(vals)
        rules = super().create([{**vals, "active_since": now} for vals in vals_list])
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        self._check_moment_untouched(vals)
        if any(name in vals for name in CONDITION_FIELDS):
            vals = {**vals, "active_since": fields.Datetime.now()}
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    def _check_moment_untouched(self, vals):
        if "active_since" in vals:
            raise UserError(
                self.env._(
                    "A rule holds from when it was created, activated or changed. "
                    "That cannot be set by hand."
                )
            )

    @guard_unlink
    def _unlink_only_unused(self):
        # sudo: it counts what happened in companies that the user does not see.
        used = self.sudo().filtered("escalation_count")
        if used:
            raise UserError(
                self.env._(
                    "Tickets were escalated by %(rules)s. Archive it instead.",
                    rules=", ".join(f"“{rule.name}”" for rule in used),
                )
            )

    @api.model
    @tools.ormcache()
    def _get_policies(self):
        """Return the active rules as they are compared with clocks."""
        # sudo: rules are policy that everybody's tickets depend on, also those of
        # customers, who may not read it.
        rules = self.sudo().search([("active", "=", True)], order="id")
        return tuple(
            Policy(
                rule.id,
                rule.company_id.id or 0,
                rule.percent,
                to_epoch(rule.active_since),
                rule.kind or "",
                rule.metric or "",
                rule.priority or "",
                rule.ticket_type or "",
                tuple(sorted(rule.with_context(active_test=False).service_ids.ids)),
                tuple(sorted(rule.with_context(active_test=False).team_ids.ids)),
                not rule._has_effect(),
            )
            for rule in rules
        )
