from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ..tools.uninstall import guard_unlink

LEVELS = [("1", "High"), ("2", "Medium"), ("3", "Low")]
# helpdesk.ticket stores the priority as "0" to "3", higher being more pressing.
PRIORITIES = [
    ("0", "P4 Low"),
    ("1", "P3 Medium"),
    ("2", "P2 High"),
    ("3", "P1 Critical"),
]
FALLBACK_PRIORITY = "1"


class ItsmPriorityRule(models.Model):
    """One cell of the matrix that turns impact and urgency into a priority."""

    _name = "itsm.priority.rule"
    _description = "Priority Rule"
    _inherit = ["itsm.cached.policy.mixin", "mail.thread"]
    _order = "company_id, impact, urgency"

    impact = fields.Selection(LEVELS, required=True, tracking=True)
    urgency = fields.Selection(LEVELS, required=True, tracking=True)
    priority = fields.Selection(PRIORITIES, required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        ondelete="cascade",
        tracking=True,
        help="Leave empty for the matrix of all companies. "
        "A company's own rule goes before the general one.",
    )

    _cell_unique = models.UniqueIndex(
        "(impact, urgency, COALESCE(company_id, 0))",
        "There is already a rule for this impact and urgency: edit that one.",
    )

    @api.depends("impact", "urgency", "priority")
    def _compute_display_name(self):
        impacts = dict(self._fields["impact"]._description_selection(self.env))
        urgencies = dict(self._fields["urgency"]._description_selection(self.env))
        priorities = dict(self._fields["priority"]._description_selection(self.env))
        for rule in self:
            rule.display_name = self.env._(
                "Impact %(impact)s, urgency %(urgency)s: %(priority)s",
                impact=impacts.get(rule.impact, ""),
                urgency=urgencies.get(rule.urgency, ""),
                priority=priorities.get(rule.priority, ""),
            )

    @guard_unlink
    def _unlink_only_company_rules(self):
        if self.filtered(lambda rule: not rule.company_id):
            raise UserError(
                self.env._(
                    "The general matrix needs a priority for every impact and "
                    "urgency. Change the priority of this rule instead of deleting it."
                )
            )

    @api.model
    @tools.ormcache("company_id")
    def _get_matrix(self, company_id):
        """Return the matrix that holds for a company.

        :param int company_id: id of a ``res.company``
        :return: ``{(impact, urgency): priority}`` with the company's own rules
            laid over the general ones
        :rtype: dict[tuple[str, str], str]
        """
        # The matrix is policy that everybody's tickets depend on, also those of
        # portal users, who may not read it.
        rules = self.sudo().search_fetch(
            [("company_id", "in", [False, company_id])],
            ["impact", "urgency", "priority", "company_id"],
        )
        return {
            (rule.impact, rule.urgency): rule.priority
            for rule in rules.sorted(lambda rule: bool(rule.company_id))
        }

    @api.model
    def _get_priority(self, company, impact, urgency):
        """Return the priority for an impact and urgency ("1" high to "3" low).

        :return: "0" (P4) to "3" (P1)
        """
        return self._get_matrix(company.id).get((impact, urgency), FALLBACK_PRIORITY)
