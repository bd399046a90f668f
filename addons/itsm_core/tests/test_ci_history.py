from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .impact_common import ImpactCase

#: Fields that are told by other means than tracking, or follow from others.
TOLD_OTHERWISE = {
    "description",  # as text
    "properties",  # attribute by attribute
    "retired_date",  # stamped with the lifecycle
    "return_asked",  # with an activity
}


@tagged("post_install", "-at_install")
class TestCiHistory(ImpactCase):
    """Every change of an item keeps who, when, old and new."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=False))

    def _get_news(self, record, since):
        news = record.message_ids.filtered(lambda message: message.id > since)
        self.assertEqual(news.author_id, self.manager.partner_id)
        return [html2plaintext(message.body) for message in news]

    def _get_last(self):
        return self.env["mail.message"].search([], order="id desc", limit=1).id

    def test_every_field_that_can_be_changed_is_told(self):
        fields = self.env["itsm.ci"]._fields
        untold = {
            name
            for name, field in fields.items()
            if field.store
            and field._module == "itsm_core"
            and field.type != "one2many"  # their rows tell
            and name not in MAGIC_COLUMNS
            and not field.compute
            and not field.related
            and not getattr(field, "tracking", None)
        }
        self.assertEqual(untold - TOLD_OTHERWISE, set())

    def test_a_relation_is_told_on_both_items(self):
        since = self._get_last()
        relation = self.env["itsm.ci.relation"].with_user(self.manager)
        relation = relation.create(
            {
                "source_id": self.node_1.id,
                "target_id": self.node_2.id,
                "type_id": self.depends_on.id,
            }
        )
        relation.note = "Heartbeat"
        relation.note = "Heartbeat"
        relation.unlink()
        for node in (self.node_1, self.node_2):
            self.assertEqual(
                self._get_news(node, since),
                [
                    "Relation removed: node-1 depends on node-2",
                    "Relation changed: node-1 depends on node-2 (Note: – → Heartbeat)",
                    "Relation added: node-1 depends on node-2",
                ],
            )

    def test_a_change_of_the_redundancy_is_told_with_old_and_new(self):
        since = self._get_last()
        name = "cluster runs on node-1"
        self.redundancy.with_user(self.manager).minimum_up = 1
        self.spread_over[0].with_user(self.manager).redundancy_id = False
        self.assertEqual(
            self._get_news(self.cluster, since),
            [
                f"Relation changed: {name} (Redundancy Group: Nodes → –)",
                "Redundancy group changed: Nodes (needed up: 2) → Nodes (needed up: 1)",
            ],
        )

    def test_the_description_is_told_as_text(self):
        since = self._get_last()
        cis = (self.node_1 | self.node_2).with_user(self.manager)
        cis.description = "<p>Call <b>Ops</b> first</p>"
        cis.description = "<p>Call <i>Ops</i> first</p>"
        for ci in cis:
            told = self._get_news(ci, since)
            self.assertEqual(told[-1], "Description: – → Call *Ops* first")

    def test_the_history_of_a_service_is_in_one_place(self):
        since = self._get_last()
        self.service.with_user(self.manager).description = "<p>Bookings</p>"
        self.assertEqual(
            self._get_news(self.service, since), ["Description: – → Bookings"]
        )
        self.assertFalse(
            self.service.ci_id.message_ids.filtered(lambda m: m.id > since)
        )
