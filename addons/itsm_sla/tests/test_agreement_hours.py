from odoo.tests import new_test_user, tagged

from .common import SlaCase


@tagged("post_install", "-at_install")
class TestAgreementHours(SlaCase):
    """Hours are part of what was agreed, also when they change elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accepted = cls._create_agreement(
            cls, active=False, partner_id=cls.customer.id, calendar_id=cls.office.id
        )
        cls.accepted._set_state("negotiation")
        cls.active = cls._create_agreement(
            cls, name="In force", calendar_id=cls.office.id
        )
        cls.own = cls._create_agreement(
            cls,
            [{"hours_basis": "own", "calendar_id": cls.office.id}],
            name="Own hours",
            kind="ola",
            team_id=cls.team.id,
        )
        cls.elsewhere = cls._create_agreement(
            cls, name="Day and night", service_ids=cls.service.ids
        )
        cls.planner = new_test_user(
            cls.env, "sla.planner", groups="base.group_system", tz="UTC"
        )
        cls.cr.precommit.run()

    def _changes(self):
        """Return what changes the hours, by the name of the change."""
        Leaves = self.env["resource.calendar.leaves"].with_user(self.planner)
        office = self.office.with_user(self.planner)
        holiday = {
            "name": "Harbour day",
            "date_from": "2030-03-01 00:00:00",
            "date_to": "2030-03-01 22:00:00",
        }
        return {
            "working hours": lambda: office.attendance_ids[0].write({"hour_to": 12}),
            "time zone Europe/Berlin, now Asia/Tokyo": lambda: office.write(
                {"tz": "Asia/Tokyo"}
            ),
            "closed on 03/01/2030": lambda: Leaves.create(
                {**holiday, "calendar_id": office.id}
            ),
            "closed on 03/01/2030.": lambda: Leaves.create(holiday),
        }

    def _settle(self):
        self.env.flush_all()
        self.cr.precommit.run()
        self.env.invalidate_all()

    def _notes(self, agreement):
        return [
            body
            for body in agreement.message_ids.mapped("body")
            if "Office hours" in body
        ]

    def test_an_acceptance_is_of_the_hours_too(self):
        for what in self._changes():
            with self.subTest(what), self.cr.savepoint() as savepoint:
                self.assertTrue(self.accepted.accepted_by)
                self._changes()[what]()
                self._settle()
                self.assertFalse(self.accepted.accepted_by)
                (note,) = self._notes(self.accepted)
                self.assertIn("is void", note)
                self.assertIn(what, note)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_an_agreement_in_force_keeps_a_note_of_what_was_corrected(self):
        for what in self._changes():
            with self.subTest(what), self.cr.savepoint() as savepoint:
                self._changes()[what]()
                self._settle()
                for agreement in (self.active, self.own):
                    self.assertEqual(agreement.state, "active")
                    (note,) = self._notes(agreement)
                    self.assertIn(what, note)
                    self.assertIn("recalculated", note)
                self.assertFalse(self._notes(self.elsewhere))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_week_that_is_rewritten_is_told_once(self):
        for attendance in self.office.attendance_ids:
            attendance.write({"hour_from": 9})
        self._settle()
        self.assertEqual(len(self._notes(self.active)), 1)

    def test_what_changes_no_hours_is_not_told(self):
        resource = self.env["resource.resource"].create({"name": "Bea"})
        absence = {
            "name": "Sick",
            "resource_id": resource.id,
            "calendar_id": self.office.id,
            "date_from": "2030-03-01 00:00:00",
            "date_to": "2030-03-01 22:00:00",
        }
        self.env["resource.calendar.leaves"].create(absence).write({"name": "Ill"})
        self.office.attendance_ids[0].name = "Early"
        self.office.name = "Office hours (old)"
        self._settle()
        self.assertTrue(self.accepted.accepted_by)
        self.assertFalse(self._notes(self.active))

    def test_an_absence_that_becomes_a_holiday_of_all_is_told(self):
        resource = self.env["resource.resource"].create({"name": "Bea"})
        absence = self.env["resource.calendar.leaves"].create(
            {
                "name": "Sick",
                "resource_id": resource.id,
                "calendar_id": self.office.id,
                "date_from": "2030-03-01 00:00:00",
                "date_to": "2030-03-01 22:00:00",
            }
        )
        self._settle()
        absence.resource_id = False
        self._settle()
        self.assertFalse(self.accepted.accepted_by)
        absence.unlink()
        self._settle()
        self.assertIn("no longer closed", self._notes(self.active)[0])

    def test_nothing_is_activated_on_hours_that_nobody_accepted(self):
        self.office.attendance_ids[0].hour_to = 12
        with self._refused("has not accepted"):
            self.accepted._set_state("active")
