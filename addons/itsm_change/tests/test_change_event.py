from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

from odoo.addons.itsm_core.tools.event_payload import read_delivery


@tagged("post_install", "-at_install")
class TestChangeEvent(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ci_class = cls.env["itsm.ci.class"].search([("is_service", "=", False)])[0]
        cls.server, cls.other = cls.env["itsm.ci"].create(
            [{"name": name, "class_id": ci_class.id} for name in ("chg-a", "chg-b")]
        )
        cls.source = cls.env["itsm.event.source"].create(
            {"name": "Test", "code": "test-change"}
        )
        cls.env["itsm.event.rule"].create({"name": "Host", "ci_label": "host"})

    def _plan(self, start, stop, state="scheduled", **values):
        now = fields.Datetime.now()
        change = self.env["itsm.change"].create(
            {
                "name": "New disks",
                "ci_ids": [fields.Command.set(self.server.ids)],
                "planned_start": now + timedelta(hours=start),
                "planned_stop": now + timedelta(hours=stop),
            }
        )
        change._load_state(state, **values)
        return change

    def _report(self, host="chg-a", number=1):
        event = b'{"id": "%d", "title": "Down", "labels": {"host": "%s"}}' % (
            number,
            host.encode(),
        )
        self.env["itsm.event"]._store(
            self.source.id, self.source.company_id.id, read_delivery(event)
        )
        self.env["itsm.event"]._work_batch()
        return self.env["itsm.event"].search(
            [("source_id", "=", self.source.id)], limit=1, order="id desc"
        )

    def _wake(self):
        self.env["itsm.event"]._wake_suppressed()
        self.env["itsm.event"]._work_batch()

    def test_event_about_an_item_under_change_is_kept_back_until_its_end(self):
        change = self._plan(-1, 2)
        event = self._report()
        self.assertEqual(event.state, "suppressed")
        self.assertEqual(event.suppressed_until, change.planned_stop)
        self.assertIn("New disks", event.reason)
        self.assertFalse(event.ticket_id)

    def test_event_about_another_item_or_time_opens_an_incident(self):
        self._plan(-1, 2)
        self.assertTrue(self._report("chg-b").ticket_id)

    def test_change_to_come_or_not_approved_keeps_nothing_back(self):
        self._plan(1, 2)
        self._plan(-1, 2, state="approval")
        self._plan(-1, 2, state="cancelled")
        self._plan(-3, -1)
        self.assertTrue(self._report().ticket_id)

    def test_change_that_began_early_counts_from_then_on(self):
        started = fields.Datetime.now() - timedelta(minutes=5)
        self._plan(1, 2, state="implementation", actual_start=started)
        self.assertEqual(self._report().state, "suppressed")

    def test_change_that_ends_early_lets_go_what_it_kept_back(self):
        change = self._plan(-1, 2, state="implementation")
        event = self._report()
        self.assertEqual(event.state, "suppressed")
        change._load_state("closed")
        self._wake()
        self.assertTrue(event.ticket_id)

    def test_change_that_is_to_end_sooner_lets_go_what_it_kept_back(self):
        change = self._plan(-1, 2)
        event = self._report()
        change._load_state(
            "scheduled", planned_stop=fields.Datetime.now() - timedelta(minutes=1)
        )
        self._wake()
        self.assertTrue(event.ticket_id)

    def test_another_change_on_the_item_still_keeps_events_back(self):
        change = self._plan(-1, 2)
        event = self._report()
        other = self._plan(-1, 1)
        change._load_state("cancelled")
        self._wake()
        self.assertEqual(event.state, "suppressed")
        self.assertEqual(event.suppressed_until, other.planned_stop)

    def test_silence_outlives_the_change(self):
        change = self._plan(-1, 2)
        silence = self.env["itsm.event.silence"].create(
            {
                "name": "Burn-in",
                "matchers": "host=chg-a",
                "stop": fields.Datetime.now() + timedelta(hours=3),
            }
        )
        event = self._report()
        change._load_state("cancelled")
        self._wake()
        self.assertEqual(event.suppressed_until, silence.stop)
