from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.itsm_core.models.itsm_impact_graph import ImpactGraph
from odoo.addons.itsm_core.tools.impact import spread


class ItsmChange(models.Model):
    """What a change touches, and what that affects."""

    _name = "itsm.change"
    _inherit = ["itsm.change", "itsm.impact.mixin"]

    affected_ci_ids = fields.Many2many(
        "itsm.ci",
        "itsm_change_affected_ci_rel",
        "change_id",
        "ci_id",
        string="Affected Items",
        domain=[("is_service", "=", False)],
        check_company=True,
        copy=False,
        help="What may be disturbed while the work is done. Taken from the impact "
        "analysis; remove what is not.",
    )
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_change_service_rel",
        "change_id",
        "service_id",
        string="Affected Services",
        check_company=True,
        tracking=True,
        help="Taken from the impact analysis; remove what is not affected, and add "
        "what is changed itself.",
    )
    service_owner_ids = fields.Many2many(
        "res.users",
        compute="_compute_service_owner_ids",
        compute_sudo=True,
        string="Owners of the Services",
        help="Those who may approve it: not who asks for it or carries it out.",
    )
    customer_ids = fields.Many2many(
        "res.partner", compute="_compute_customer_ids", string="Customers Affected"
    )
    affected_count = fields.Integer(
        string="Items Affected",
        readonly=True,
        copy=False,
        help="All items that the impact analysis reaches, also those of services.",
    )
    item_count = fields.Integer(string="Items Changed", compute="_compute_item_count")
    impact_date = fields.Datetime(
        string="Impact Taken On", readonly=True, copy=False, tracking=True
    )
    is_impact_old = fields.Boolean(
        compute="_compute_is_impact_old",
        help="The changed items are others than those whose impact was taken.",
    )
    impact_ci_ids = fields.Json(readonly=True, copy=False)

    @api.depends(
        "service_ids.owner_id", "owner_id", "requester_id", "implementer_id", "task_ids"
    )
    def _compute_service_owner_ids(self):
        for change in self:
            owners = change.service_ids.owner_id
            change.service_owner_ids = owners - change._approval_excluded_users()

    @api.depends("service_ids.customer_ids")
    def _compute_customer_ids(self):
        for change in self:
            change.customer_ids = change.service_ids.customer_ids

    @api.depends("ci_ids", "impact_ci_ids", "impact_date")
    def _compute_is_impact_old(self):
        for change in self:
            change.is_impact_old = bool(change.impact_date) and sorted(
                change.ci_ids._origin.ids
            ) != (change.impact_ci_ids or [])

    @api.depends("ci_ids")
    def _compute_item_count(self):
        for change in self:
            change.item_count = len(change.ci_ids)

    def action_open_items(self):
        """Open the items that are changed, as a list in which one finds them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Items Changed by %s", self.reference or self.name),
            "res_model": "itsm.ci",
            "view_mode": "list,form",
            "domain": [("id", "in", self.ci_ids.ids)],
            "context": {"create": False, "active_test": False},
        }

    # ------------------------------------------------------------------
    # Impact
    # ------------------------------------------------------------------

    def _impact_start(self):
        return self.ci_ids | self.service_ids.ci_id

    def _impact_origin(self):
        return {"change_id": self.id}

    def action_take_impact(self):
        """Fill the affected items and services from the impact analysis.

        What people excluded from the impact stays out.
        """
        self.check_access("write")
        for change in self:
            if not change.ci_ids and not change.service_ids:
                raise UserError(
                    self.env._("Name the items first that %s touches.", change.name)
                )
            reached, avoided = change._reach_affected()
            items = self.env["itsm.ci"].search([("id", "in", list(reached))])
            services = items.service_ids
            change._write_derived(
                {
                    "affected_ci_ids": [
                        Command.set((items - services.ci_id - change.ci_ids).ids)
                    ],
                    "service_ids": [
                        Command.set(
                            (
                                services
                                | change.service_ids.filtered(
                                    lambda service, out=avoided: (
                                        service.ci_id.id not in out
                                    )
                                )
                            ).ids
                        )
                    ],
                    "affected_count": len(reached),
                    "impact_date": fields.Datetime.now(),
                    "impact_ci_ids": sorted(change.ci_ids.ids),
                }
            )

    def _reach_affected(self):
        """Return the ids of what fails with the changed items, and what was avoided."""
        self.ensure_one()
        excluded = set(self._impact_exclusions("affected").ci_id.ids)
        graph = ImpactGraph(self.env)
        start = graph.alive((self.ci_ids or self.service_ids.ci_id).ids)
        walk = spread(start, graph, excluded)
        return set().union(*walk.levels[1:]), excluded


class ItsmImpactExclusion(models.Model):
    _name = "itsm.impact.exclusion"
    _inherit = ["itsm.impact.exclusion"]

    change_id = fields.Many2one(
        "itsm.change", ondelete="cascade", index="btree_not_null", readonly=True
    )

    _one_origin = models.Constraint(
        "CHECK(num_nonnulls(ticket_id, origin_ci_id, problem_id, change_id) = 1)",
        "An exclusion belongs to one record.",
    )
    _change_uniq = models.UniqueIndex(
        "(change_id, direction, ci_id) WHERE active AND change_id IS NOT NULL",
        "This branch is excluded already.",
    )
