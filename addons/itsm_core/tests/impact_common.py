from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

from ..models import itsm_impact_graph
from .refusal_case import RefusalCase


class ImpactCase(RefusalCase, TransactionCase):
    """A service on a cluster of three nodes in a room, and people who may ask."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.agent = new_test_user(cls.env, "impact_agent", "itsm_core.group_user")
        cls.manager = new_test_user(cls.env, "impact_boss", "itsm_core.group_manager")
        cls.auditor = new_test_user(
            cls.env, "impact_auditor", "itsm_core.group_auditor"
        )
        cls.server = cls.env.ref("itsm_core.ci_class_server")
        cls.runs_on = cls.env.ref("itsm_core.ci_relation_type_runs_on")
        cls.depends_on = cls.env.ref("itsm_core.ci_relation_type_depends_on")
        cls.balanced = cls.env.ref("itsm_core.ci_relation_type_balanced_over")
        cls.part_of = cls.env.ref("itsm_core.ci_relation_type_part_of")
        cls.service = cls.env["itsm.service"].create(
            {"name": "Freight ERP", "criticality": "1"}
        )
        cls.node_1, cls.node_2, cls.node_3, cls.cluster, cls.room = cls._make_items(
            "node-1", "node-2", "node-3", "cluster", "room"
        )
        cls.nodes = cls.node_1 | cls.node_2 | cls.node_3
        cls._relate(cls.service.ci_id, cls.depends_on, cls.cluster)
        for node in cls.nodes:
            cls._relate(node, cls.runs_on, cls.room)
        cls.spread_over = cls.env["itsm.ci.relation"].concat(
            *(cls._relate(cls.cluster, cls.runs_on, node) for node in cls.nodes)
        )
        cls.redundancy = cls.env["itsm.ci.redundancy"].create(
            {
                "name": "Nodes",
                "ci_id": cls.cluster.id,
                "minimum_up": 2,
                "relation_ids": [Command.set(cls.spread_over.ids)],
            }
        )

    @classmethod
    def _make_items(cls, *names, **values):
        return cls.env["itsm.ci"].create(
            [{"name": name, "class_id": cls.server.id, **values} for name in names]
        )

    @classmethod
    def _relate(cls, source, relation_type, target, **values):
        return cls.env["itsm.ci.relation"].create(
            {
                "source_id": source.id,
                "type_id": relation_type.id,
                "target_id": target.id,
                **values,
            }
        )

    def _in_memory_from(self, many):
        """Patch how many items a walk has to reach to be done in memory."""
        return patch.multiple(itsm_impact_graph, MANY=many, USE_WHAT_IS_KEPT=False)

    def _ask(self, record, direction="affected", depth=4, user=None):
        return record.with_user(user or self.agent).get_impact(direction, depth)

    def _names(self, answer):
        """Return ``{name: level}`` of what was reached and is not excluded."""
        return {
            item["name"]: item["level"]
            for item in answer["items"]
            if item["level"] and not item["excluded"]
        }
