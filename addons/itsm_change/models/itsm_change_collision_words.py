from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_datetime

from .itsm_change import PLANNING_STATES

#: Items that a sentence names, before it says how many more there are.
NAMED_AT_MOST = 5
#: Collisions with another change.
WITH_CHANGES = ("same_item", "dependency", "together", "busy")


class ItsmChange(models.Model):
    """What is said about what stands against the planned time of a change."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    def _explain_collisions(self, collisions):
        """Return what is said about each collision.

        The number of queries does not grow with that of collisions.

        :param collisions: list of `Collision`
        :return: list of ``{text, model, id}``, the last two False unless the user may
            open what the collision is with
        """
        item_names = self._read_item_names(collisions)
        people = self._read_people_names(collisions)
        with_changes = [one for one in collisions if one.kind in WITH_CHANGES]
        changes = self.browse({one.other for one in with_changes})
        readable = changes._filtered_access("read")
        readable.fetch(["reference", "name"])
        titles = {change.id: change.display_name for change in readable}
        # sudo: the names of windows that apply to the user.
        windows = self.env["itsm.change.window"].sudo()
        windows = windows.browse(
            {one.other for one in collisions if one.kind == "blackout"}
        )
        open_to_user = windows.with_env(self.env)._filtered_access("read")
        # Written once each: many collisions begin or end with the change itself.
        moments = {
            moment: format_datetime(self.env, moment, dt_format="short")
            for moment in {one.start for one in collisions}
            | {one.stop for one in collisions}
        }
        rows = []
        for one in collisions:
            names = {
                "items": self._name_items(one.items, item_names),
                "person": people.get(one.person),
                "start": moments[one.start],
                "stop": moments[one.stop],
            }
            model = False
            if one.kind in WITH_CHANGES:
                model = one.other in titles and self._name
                names["other"] = titles.get(
                    one.other, self.env._("A change of another company")
                )
            elif one.kind == "blackout":
                window = windows.browse(one.other)
                model = window.id in open_to_user._ids and window._name
                names["other"] = window.display_name
            rows.append(
                {
                    "text": self._collision_sentence(one.kind, names),
                    "model": model,
                    "id": model and one.other,
                }
            )
        return rows

    def _read_item_names(self, collisions):
        """Return ``{item: name}`` of those items of collisions that the user may read.

        Only these are named, as others belong to companies that are not the user's.
        """
        items = self.env["itsm.ci"].browse(
            {item for collision in collisions for item in collision.items}
        )
        readable = items._filtered_access("read")
        readable.fetch(["name"])
        return {item.id: item.name for item in readable}

    def _read_people_names(self, collisions):
        # sudo: the names of colleagues who work on this change.
        people = self.env["res.users"].sudo()
        people = people.browse({one.person for one in collisions if one.person})
        # Else all there is to know of them is read.
        people.fetch(["partner_id"])
        people.partner_id.fetch(["name"])
        return {person.id: person.name for person in people}

    def _name_items(self, items, names):
        known = [names[item] for item in items if item in names][:NAMED_AT_MOST]
        more = len(set(items)) - len(known)
        if more:
            known.append(self.env._("%s more", more))
        return ", ".join(known)

    def _explain_short_notice(self, days):
        """Return what there is to say where a normal change is planned at short notice.

        Pointed out while it is planned, so that those who decide know; later it is a
        fact.
        """
        earliest = fields.Datetime.now() + timedelta(days=days)
        if (
            self.change_type != "normal"
            or self.state not in PLANNING_STATES
            or self.planned_start >= earliest
        ):
            return []
        text = self.env._(
            "Normal changes are planned %(days)s days ahead: from %(earliest)s on.",
            days=days,
            earliest=format_datetime(self.env, earliest, dt_format="short"),
        )
        notice = {"kind": "notice", "reaction": "warn", "text": text}
        return [{**notice, "model": False, "id": False}]

    def _collision_sentence(self, kind, names):
        if kind == "same_item":
            return self.env._(
                "%(other)s works on the same, from %(start)s: %(items)s.", **names
            )
        if kind == "dependency":
            return self.env._(
                "%(other)s works from %(start)s on what is affected by this change, or "
                "needed for it: %(items)s.",
                **names,
            )
        if kind == "together":
            return self.env._(
                "Together with %(other)s, from %(start)s, it brings down what either "
                "alone does not: %(items)s.",
                **names,
            )
        if kind == "maintenance":
            return self.env._("Outside the maintenance window of: %(items)s.", **names)
        if kind == "blackout":
            return self.env._(
                "Within the blackout “%(other)s”, from %(start)s to %(stop)s.", **names
            )
        if kind == "busy":
            return self.env._("%(person)s works on %(other)s from %(start)s.", **names)
        return self.env._("%(person)s is absent from %(start)s to %(stop)s.", **names)
