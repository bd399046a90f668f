from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.fields import Command
from odoo.tests import tagged

from .common_release import ReleaseCase

OUT = datetime(2026, 3, 2, 8, 0)


@tagged("post_install", "-at_install")
class TestReleaseReport(ReleaseCase):
    """Releases are measured by their dates, by incidents, and by what went back."""

    def _out(self, state="support", **values):
        loaded = {
            name: values.pop(name)
            for name in ("deployed_date", "backed_out_date")
            if name in values
        }
        release = self._release(**values)
        loaded.setdefault("deployed_date", OUT)
        release.with_env(self.env)._load_state(state, **loaded)
        return release

    def _row(self, release):
        self.env.flush_all()
        self.env.invalidate_all()
        Report = self.env["itsm.release.report"].with_user(self.planner)
        return Report.search([("release_id", "=", release.id)])

    def _incident(self, opened_at, **values):
        with freeze_time(opened_at):
            self.env["helpdesk.ticket"].create(
                {
                    "name": "Broken",
                    "description": "It is.",
                    "ticket_type": "incident",
                    **values,
                }
            )
            self.env.flush_all()

    def test_late_is_counted_in_days_of_the_company(self):
        self.company.partner_id.tz = "Europe/Berlin"
        for deployed, planned, late, on_time in (
            (OUT, date(2026, 3, 2), 0, 100),
            (OUT, date(2026, 3, 5), 0, 100),
            (OUT, date(2026, 2, 27), 3, 0),
            (datetime(2026, 3, 2, 23, 30), date(2026, 3, 2), 1, 0),
        ):
            release = self._out(
                changes=self.env["itsm.change"],
                planned_date=planned,
                deployed_date=deployed,
            )
            row = self._row(release)
            self.assertEqual((row.late_days, row.on_time_percent), (late, on_time))
            self.assertEqual(row.action_open_release()["res_id"], release.id)

    def test_incidents_afterwards_are_counted_once_each(self):
        self.env["itsm.release.policy"].create({"incident_days": 10})
        release = self._out()
        on_service = {"service_id": self.service.id}
        self._incident(
            OUT + timedelta(hours=1),
            ci_ids=[Command.set(self.printer.ids)],
            **on_service,
        )
        self._incident(OUT + timedelta(days=9), ci_ids=[Command.set(self.printer.ids)])
        self._incident(
            OUT + timedelta(days=2), ci_ids=[Command.set(self.service.ci_id.ids)]
        )
        self._incident(OUT - timedelta(hours=1), **on_service)
        self._incident(OUT + timedelta(days=10), **on_service)
        self._incident(OUT, ci_ids=[Command.set(self.server.ids)])
        self._incident(OUT, ticket_type="request", **on_service)
        self.assertEqual(self._row(release).incident_count, 3)

    def test_without_a_policy_the_default_days_hold(self):
        self.env["itsm.release.policy"].search([]).unlink()
        release = self._out()
        for days in (29, 31):
            self._incident(OUT + timedelta(days=days), service_id=self.service.id)
        self.assertEqual(self._row(release).incident_count, 1)

    def test_what_was_backed_out_and_what_was_an_emergency(self):
        release = self._out("backed_out", deployed_date=False, backed_out_date=OUT)
        row = self._row(release)
        self.assertEqual((row.date, row.backed_out_percent), (OUT, 100))
        self.assertFalse(row.on_time_percent)
        urgent = self._out(changes=self.env["itsm.change"], kind_id=self.emergency.id)
        row = self._row(urgent)
        self.assertEqual((row.emergency_percent, row.backed_out_percent), (100, 0))

    def test_what_was_never_in_production_is_not_measured(self):
        self.assertFalse(self._row(self._release()))
