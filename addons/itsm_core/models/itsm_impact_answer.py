"""What is told of an impact: items by level, the path that explains each, numbers."""

from collections import Counter, defaultdict
from itertools import chain

from odoo.tools import SQL

from ..tools.impact import explain, nearest, spread
from .itsm_impact_graph import ImpactGraph

#: So many items are told of at most.
LIMIT = 5_000
#: So many that hold with less to spare.
WEAKENED_LIMIT = 50


class ImpactAnswer:
    """The impact of some items, as far as a user may see it.

    :param env: of the user
    :param start: items (`itsm.ci`) where the fault begins
    :param str direction: "affected" or "depends"
    :param exclusions: rows of `itsm.impact.exclusion` that hold
    """

    def __init__(self, env, start, direction, exclusions):
        self.env = env
        self.direction = direction
        self.exclusions = exclusions
        self.graph = ImpactGraph(env, upstream=direction == "depends")
        self.start = start
        self.walk = spread(
            self.graph.alive(start.ids), self.graph, set(exclusions.ci_id.ids)
        )

    def tell(self, depth, limit=LIMIT):
        """Return what can be sent to a client.

        ``items``
            where it begins (level 0), what was reached, and what is excluded, each
            with id, name, class, icon, lifecycle, level, criticality and service (of
            services), supports (of other items: the worst criticality of the services
            among these that stand on it), open incidents, parent (the item before it),
            path (in words), excluded. Those of other companies are left out.
        ``links``
            lists of source, target, words, whether others share the work
        ``total``, ``shown``, ``hidden``
            all that was reached; what is listed; what would be, but belongs to other
            companies
        ``services``
            ``{criticality: number}`` of all services that were reached
        ``weakened``
            what holds with less to spare, each with id, name, service and left: so many
            more may fail of those that share its work
        ``exclusions``
            what is excluded, by whom, when, why, and whether it was reached at all
        """
        services = self._read_services()
        shown = nearest(self.walk.levels, depth, limit, services)
        inactive = [ci for ci in self.start.ids if ci not in shown]
        shown.update(dict.fromkeys(inactive, 0))
        for item, level in self.walk.stopped.items():
            if level <= depth:
                shown.setdefault(item, level)
        links = self.graph.links_between(shown)
        items = self._read_items(shown)
        self._tell_services(items, services)
        self._tell_incidents(items)
        words = self._tell_paths(items, shown, links)
        self._tell_supports(items, links)
        excluded = self.exclusions.ci_id.ids
        for item in items.values():
            item["excluded"] = item["id"] in excluded
        reached = filter(services.__contains__, chain(*self.walk.levels[1:]))
        listed = [item for item in items.values() if item["level"]]
        return {
            "direction": self.direction,
            "depth": depth,
            "levels": len(self.walk.levels) - 1,
            "limit": limit,
            "total": self.walk.total,
            "shown": sum(not item["excluded"] for item in listed),
            "hidden": len(shown) - len(items),
            "services": Counter(services[item][1] for item in reached),
            "items": list(items.values()),
            "links": [
                (link.source, link.target, words[tuple(link.words[:2])], link.words[2])
                for link in links
                if link.source in items and link.target in items
            ],
            "weakened": self._tell_weakened(services),
            "exclusions": self._tell_exclusions(),
        }

    def _read_services(self):
        """Return ``{item: (service, criticality)}`` of all services.

        Only their number and criticality leave this place, or what the user sees.
        """
        self.env["itsm.service"].flush_model(["ci_id", "criticality"])
        return {
            ci_id: (service_id, criticality)
            for service_id, ci_id, criticality in self.env.execute_query(
                SQL("SELECT id, ci_id, criticality FROM itsm_service")
            )
        }

    def _read_items(self, shown):
        """Return ``{id: values}`` of the items that the user sees, nearest first."""
        cis = self.env["itsm.ci"].with_context(active_test=False)
        cis.flush_model(["name", "class_id", "lifecycle_state"])
        if not shown:
            return {}
        query = cis._search([("id", "in", list(shown))])
        names = {
            ci_class.id: (ci_class.name, ci_class.icon or "fa-cube")
            for ci_class in self.env["itsm.ci.class"]
            .with_context(active_test=False)
            .search_fetch([], ["name", "icon"])
        }
        columns = [
            SQL.identifier(cis._table, name)
            for name in ("id", "name", "class_id", "lifecycle_state")
        ]
        rows = self.env.execute_query(query.select(*columns))
        items = {}
        for ci_id, name, class_id, state in sorted(
            rows, key=lambda row: (shown[row[0]], row[1], row[0])
        ):
            class_name, icon = names[class_id]
            items[ci_id] = {
                "id": ci_id,
                "name": name,
                "class": class_name,
                "icon": icon,
                "lifecycle": state,
                "level": shown[ci_id],
                "service": False,
                "criticality": False,
                "supports": False,
                "incidents": 0,
                "parent": False,
                "path": "",
            }
        return items

    def _tell_services(self, items, services):
        for ci_id in items.keys() & services.keys():
            items[ci_id]["service"], items[ci_id]["criticality"] = services[ci_id]

    def _tell_supports(self, items, links):
        """Hand down the criticality of services to what they stand on."""
        below = defaultdict(list)
        for link in links:
            if link.source not in self.walk.stopped:
                item, stands_on = link.target, link.source
                if self.direction == "depends":
                    item, stands_on = stands_on, item
                below[item].append(stands_on)
        worst = {}
        services = [item for item in items.values() if item["criticality"]]
        for service in sorted(services, key=lambda item: item["criticality"]):
            todo = [service["id"]]
            while todo:
                for ci_id in below[todo.pop()]:
                    if ci_id not in worst:
                        worst[ci_id] = service["criticality"]
                        todo.append(ci_id)
        for ci_id in items.keys() & worst.keys():
            if not items[ci_id]["criticality"]:
                items[ci_id]["supports"] = worst[ci_id]

    def _tell_incidents(self, items):
        """Count open incidents that the user may read, about item or service."""
        services = {item["service"]: ci_id for ci_id, item in items.items()}
        services.pop(False, None)
        found = self.env["itsm.ci"]._find_open_incidents(items, services)
        for ci_id, ids in found.items():
            items[ci_id]["incidents"] = len(ids)

    def _tell_paths(self, items, shown, links):
        """Put into words how each item was reached; return the words of links."""
        types = self.env["itsm.ci.relation.type"].browse(
            {link.words[0] for link in links}
        )
        words = {}
        for kind in types:
            words[kind.id, True] = kind.name
            words[kind.id, False] = kind.inverse_name
        steps = explain(shown, links, self.walk)
        stranger = self.env._("(an item of another company)")
        few = self.env._("(too few are up)")
        paths = {}
        for ci_id in sorted(shown, key=shown.get):
            name = items[ci_id]["name"] if ci_id in items else stranger
            step = steps.get(ci_id)
            if step is None:
                paths[ci_id] = name
                continue
            parts = [paths[step.source], words[tuple(step.words[:2])], name]
            if step.group:
                parts.append(few)
            paths[ci_id] = "{} → {}".format(parts[0], " ".join(parts[1:]))
            if ci_id in items:
                items[ci_id]["parent"] = step.source in items and step.source
                items[ci_id]["path"] = paths[ci_id]
        return words

    def _tell_weakened(self, services):
        left = self.walk.weakened
        nearest_first = sorted(left, key=lambda item: (left[item], item))
        items = self._read_items(dict.fromkeys(nearest_first[:WEAKENED_LIMIT], 0))
        self._tell_services(items, services)
        return [
            {
                "id": ci_id,
                "name": item["name"],
                "service": item["service"],
                "left": left[ci_id],
            }
            for ci_id, item in items.items()
        ]

    def _tell_exclusions(self):
        visible = self.exclusions.ci_id.with_env(self.env)._filtered_access("read")
        return [
            {
                "id": row.id,
                "ci_id": row.ci_id.id,
                "name": row.ci_id.name,
                "reason": row.reason,
                "user": row.create_uid.name,
                "date": row.create_date,
                "reached": row.ci_id.id in self.walk.stopped,
            }
            for row in self.exclusions
            if row.ci_id in visible
        ]
