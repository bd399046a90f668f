from datetime import datetime

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import SlaCase


@tagged("post_install", "-at_install")
class TestCatalogClock(SlaCase):
    """The promise of a request counts from its approval."""

    def test_clocks_run_from_the_approval_on(self):
        self._create_agreement(
            [{"metric": "resolution", "hours": 4, "ticket_type": "request"}]
        )
        approver = new_test_user(self.env, "sla.approver", groups="base.group_user")
        rule = self.env["tier.definition"].create(
            {
                "name": "Budget",
                "model_id": self.env["ir.model"]._get_id("itsm.catalog.order"),
                "review_type": "individual",
                "reviewer_id": approver.id,
                "company_id": False,
            }
        )
        item = self.env["itsm.catalog.item"].create(
            {
                "name": "Scanner",
                "category_id": self.env.ref("itsm_core.catalog_category_devices").id,
                "is_published": True,
                "team_id": self.team.id,
                "service_id": self.service.id,
                "approval_ids": [Command.set(rule.ids)],
            }
        )
        with freeze_time("2026-03-02 08:00:00"):
            order = item.with_user(self.agent)._make_order(
                {}, {}, self.caller, self.caller
            )
            clock = self._clocks(order.ticket_id)
            self.assertEqual(clock.state, "paused")
        with freeze_time("2026-03-05 10:00:00"):
            self.assertEqual(self._clocks(order.ticket_id).used_seconds, 0)
            order.with_user(approver).sudo(False).validate_tier()
            self.env.flush_all()
            clock = self._clocks(order.ticket_id)
            self.assertEqual(clock.state, "running")
            self.assertEqual(clock.used_seconds, 0)
            self.assertEqual(clock.due, datetime(2026, 3, 5, 14))
