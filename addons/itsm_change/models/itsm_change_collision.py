from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.itsm_core.models.itsm_impact_graph import ImpactGraph
from odoo.addons.itsm_core.tools.impact import spread

from ..tools.collision import (
    Collision,
    Plan,
    collide_with_absences,
    collide_with_plans,
    collide_with_windows,
    overlap,
)
from .itsm_change import PLANNED_STATES, PLANNING_STATES

#: What of a change says when it takes place, and whose it is.
PLANNED_FIELDS = (
    "state",
    "change_type",
    "company_id",
    "planned_start",
    "planned_stop",
    "implementer_id",
)


def choose_reached(walk, items):
    """Return those of these items that a walk reached, its start included."""
    # Cheaper than the set of all that was reached, which may be most of the graph.
    return frozenset().union(*map(frozenset(items).intersection, walk.levels))


class ItsmChange(models.Model):
    """What stands against the planned time of a change.

    Looked up whenever somebody looks at the plan, as it depends on what others plan.
    What was found is recorded when the change is put to approval and scheduled.
    """

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    collision_html = fields.Html(
        string="Collisions", compute="_compute_collision_html", sanitize=False
    )
    collisions = fields.Json(
        readonly=True,
        copy=False,
        string="Collisions on Record",
        help="What stood against the time when it was put to approval or scheduled.",
    )
    collision_date = fields.Datetime(
        string="Checked On", readonly=True, copy=False, help="For collisions."
    )

    @api.depends(
        "planned_start", "planned_stop", "ci_ids", "service_ids", "implementer_id"
    )
    def _compute_collision_html(self):
        for change in self:
            rows = change._describe_collisions()
            change.collision_html = rows and self.env["ir.qweb"]._render(
                "itsm_change.collision_panel",
                {"rows": rows, "is_emergency": change.change_type == "emergency"},
            )

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    def _find_collisions(self):
        """Look for collisions, and keep on record what was found."""
        now = fields.Datetime.now()
        for change in self:
            change._write_derived(
                {"collisions": change._describe_collisions(), "collision_date": now}
            )

    def _check_not_blocked(self):
        """Raise a ``UserError`` where the policy lets a collision block the change.

        An emergency is not blocked: its board decides knowing what stands against it.
        """
        self.ensure_one()
        if self.change_type == "emergency":
            return
        blocking = [
            collision["text"]
            for collision in self.collisions or []
            if collision["reaction"] == "block"
        ]
        if blocking:
            raise UserError(
                self.env._(
                    "%(change)s cannot take place as planned:\n%(reasons)s",
                    change=self.display_name,
                    reasons="\n".join(f"- {text}" for text in blocking),
                )
            )

    # ------------------------------------------------------------------
    # Looking
    # ------------------------------------------------------------------

    def _describe_collisions(self):
        """Return ``[{kind, reaction, text, model, id}]`` of what is not ignored.

        The most serious first. Empty while the change has no time, and once it ended.
        """
        self.ensure_one()
        # Else all fields of the change are read.
        self._origin.fetch(PLANNED_FIELDS)
        if self.state not in (*PLANNING_STATES, *PLANNED_STATES):
            return []
        if not (self.planned_start and self.planned_stop):
            return []
        if self.planned_start >= self.planned_stop:
            return []
        policy = self.env["itsm.change.policy"]._get_of(self.company_id)
        reactions = policy._get_reactions()
        rows = self._explain_short_notice(policy.lead_days)
        collisions = [one for one in self._collide() if reactions[one.kind] != "ignore"]
        for one, said in zip(
            collisions, self._explain_collisions(collisions), strict=True
        ):
            rows.append({"kind": one.kind, "reaction": reactions[one.kind], **said})
        return sorted(rows, key=lambda row: row["reaction"] != "block")

    def _collide(self):
        """Yield all collisions of the plan. A bounded number of queries."""
        plan = self._to_plan()
        others = self._read_overlapping(plan)
        yield from self._collide_with_others(plan, others)
        yield from self._collide_with_windows(plan)
        if plan.people:
            # sudo: planners see that somebody is away as everybody at the desk does.
            absences = (
                self.env["itsm.absence"]
                .sudo()
                .search(
                    [
                        ("user_id", "in", list(plan.people)),
                        ("start", "<", plan.stop),
                        ("stop", ">", plan.start),
                    ]
                )
            )
            yield from collide_with_absences(
                plan,
                [(row.id, row.user_id.id, row.start, row.stop) for row in absences],
            )

    def _to_plan(self):
        # A service that is changed as such is an item, too.
        items = self.ci_ids or self.service_ids.ci_id
        people = self.implementer_id | self.task_ids.user_id
        return Plan(
            self._origin.id or 0,
            self.planned_start,
            self.planned_stop,
            frozenset(items._origin.ids),
            frozenset(people._origin.ids),
        )

    def _read_overlapping(self, plan):
        """Return the plans of all other changes at the time of this one.

        Those of other companies too: they may touch items that are shared.
        """
        self.env["itsm.change"].flush_model(
            ["state", "active", "planned_start", "planned_stop", "implementer_id"]
        )
        self.env["itsm.change"].flush_model(["ci_ids", "service_ids"])
        self.env["itsm.change.task"].flush_model(["user_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id, c.planned_start, c.planned_stop, c.implementer_id,
                       i.ids, s.ids, t.ids
                  FROM itsm_change c
                  LEFT JOIN LATERAL (
                       SELECT array_agg(r.ci_id) AS ids
                         FROM itsm_change_ci_rel r WHERE r.change_id = c.id) i ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT array_agg(v.ci_id) AS ids
                         FROM itsm_change_service_rel r
                         JOIN itsm_service v ON v.id = r.service_id
                        WHERE r.change_id = c.id AND i.ids IS NULL) s ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT array_agg(k.user_id) AS ids
                         FROM itsm_change_task k
                        WHERE k.change_id = c.id AND k.user_id IS NOT NULL) t ON TRUE
                 WHERE c.state = ANY(%(states)s) AND c.active AND c.id <> %(own)s
                   AND c.planned_start < %(stop)s AND c.planned_stop > %(start)s
              ORDER BY c.planned_start, c.id
                """,
                states=list(PLANNED_STATES),
                own=plan.key,
                start=plan.start,
                stop=plan.stop,
            )
        )
        return [
            Plan(
                change_id,
                start,
                stop,
                frozenset(items or services or ()),
                frozenset([*(people or ()), *([leader] if leader else ())]),
            )
            for change_id, start, stop, leader, items, services, people in rows
        ]

    def _collide_with_others(self, plan, others):
        if not others:
            return
        affected = needed = frozenset()
        touched = frozenset().union(*(other.items for other in others))
        if plan.items and touched:
            graph = ImpactGraph(self.env, among=touched)
            walk = spread(plan.items, graph)
            affected = choose_reached(walk, touched)
            needed = choose_reached(spread(plan.items, graph.turn()), touched)
            yield from self._collide_together(plan, others, graph, walk.weakened)
        yield from collide_with_plans(plan, others, affected, needed)

    def _collide_together(self, plan, others, graph, weakened):
        """Yield with whom the plan brings down what neither brings down alone.

        That begins with an item that the plan weakens, and with something on which
        this one depends.

        :param weakened: items that hold, though they lose some that share their work
        """
        if not weakened:
            return
        behind = choose_reached(spread(weakened, graph.turn()), graph.among)
        near = [
            (other, other.items)
            for other in others
            if not behind.isdisjoint(other.items)
        ]
        for other, items in graph.add_up(plan.items, near) if near else ():
            yield Collision(
                "together", other.key, tuple(items), None, *overlap(plan, other)
            )

    def _collide_with_windows(self, plan):
        windows = self.env["itsm.change.window"]._find_for(
            self.company_id, ["maintenance", "blackout"]
        )
        work = self.ci_ids | self.service_ids.ci_id
        scope = work | self.affected_ci_ids
        maintenance = {}
        blackouts = []
        for window in windows:
            named = window._get_items()
            if window.kind == "blackout":
                if not named or named & scope:
                    blackouts.append(window._to_window())
            else:
                for item in named & work:
                    maintenance.setdefault(item.id, []).append(window._to_window())
        yield from collide_with_windows(plan, maintenance, blackouts)
