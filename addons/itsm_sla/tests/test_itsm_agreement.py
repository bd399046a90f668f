from datetime import date

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SlaCase


@tagged("post_install", "-at_install")
class TestAgreement(SlaCase):
    def test_it_is_negotiated_accepted_and_then_binding(self):
        agreement = self._create_agreement(
            active=False, partner_id=self.customer.id, accepted_by=False
        ).with_user(self.manager)
        self.assertRegex(agreement.reference, r"^SLA\d+$")
        agreement.action_set_state("negotiation")
        with self._refused("Bluewater has not accepted"):
            agreement.action_set_state("active")
        agreement.accepted_by = "Tom Fenwick"
        agreement.action_set_state("active")
        with self._refused("can no longer be changed"):
            agreement.partner_id = False
        with self._refused("targets stay as they are"):
            agreement.target_ids.hours = 9
        with self._refused("targets stay as they are"):
            agreement.env["itsm.agreement.target"].create(
                {"agreement_id": agreement.id, "hours": 1, "metric": "response"}
            )
        with self._refused("targets stay as they are"):
            agreement.target_ids.unlink()

    def test_agents_and_auditors_read_only(self):
        agreement = self._create_agreement(active=False)
        for user in (self.agent, self.auditor):
            record = agreement.with_user(user)
            self.assertTrue(record.target_ids.display_name)
            with self.assertRaises(AccessError):
                record.name = "Mine"
            with self.assertRaises(AccessError):
                record.action_set_state("negotiation")

    def test_without_targets_or_start_nothing_is_promised(self):
        agreement = self._create_agreement(active=False, date_start=False)
        agreement._set_state("negotiation")
        with self._refused("From"):
            agreement._set_state("active")
        agreement.date_start = "2020-01-01"
        agreement.target_ids.unlink()
        with self._refused("Targets"):
            agreement._set_state("active")

    def test_two_agreements_on_the_same_at_the_same_time_are_refused(self):
        first = self._create_agreement(date_end="2020-06-30")
        later = self._create_agreement(date_start="2020-07-01")
        for values in (
            {"date_start": "2020-06-30", "date_end": "2020-06-30"},
            {"date_start": "2019-01-01"},
            {"date_start": "2030-01-01"},
        ):
            with self.subTest(values), self._refused("covers the"):
                self._create_agreement(**values)
        with self._refused("covers the same"):
            first.date_end = "2020-07-01"
        self._create_agreement(partner_id=self.customer.id)
        self._create_agreement(service_ids=[Command.set(self.service.ids)])
        with self._refused("covers the same"):
            self._create_agreement(
                service_ids=[Command.set((self.service | self.other_service).ids)]
            )
        first.active = False
        with self._refused("covers the same"):
            self._create_agreement(date_start="2020-06-30", date_end="2020-06-30")
        later.write({"termination_reason": "Too dear", "date_end": "2020-12-31"})
        later._set_state("terminated")
        self._create_agreement(date_start="2021-01-01")

    def test_two_agreements_on_the_same_do_not_become_active_together(self):
        both = self._create_agreement(active=False)
        both |= self._create_agreement(active=False)
        both._set_state("negotiation")
        with self._refused("covers the same"):
            both._set_state("active")

    def test_an_agreement_can_last_until_the_last_day_there_is(self):
        self._create_agreement(date_end="9999-12-31")
        self.assertTrue(self._clocks(self._create_ticket()))

    def test_times_and_notice_beyond_measure_are_refused(self):
        for hours in (100_001, -1e9, float("inf"), float("nan")):
            with self.subTest(hours), self._refused("up to 100000 hours"):
                self._create_agreement([{"hours": hours}], active=False)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            self._create_agreement(
                active=False, date_end="2030-12-31", notice_days=2_000_000
            )

    def test_a_revision_is_made_with_the_same_party(self):
        old = self._create_agreement(partner_id=self.customer.id)
        new = self.env["itsm.agreement"].browse(old.action_revise()["res_id"])
        other = self.customer.copy()
        for values in ({"partner_id": other.id}, {"partner_id": False}):
            with self._refused("with the same party"):
                new.write(values)
        with self._refused("revision of itself"):
            old.previous_id = new

    def test_the_next_revision_takes_over_on_its_first_day(self):
        old = self._create_agreement(
            [{"hours": 4, "priority": "3"}, {"hours": 8}],
            service_ids=[Command.set(self.service.ids)],
        )
        new = self.env["itsm.agreement"].browse(old.action_revise()["res_id"])
        self.assertEqual(new.reference, f"{old.reference}/2")
        self.assertEqual(new.target_ids.mapped("hours"), old.target_ids.mapped("hours"))
        self.assertEqual(new.service_ids, self.service)
        self.assertEqual(old.action_revise()["res_id"], new.id)
        new.target_ids.filtered("priority").hours = 2
        new._set_state("negotiation")
        new.date_start = "2019-01-01"
        with self._refused("has to start after"):
            new._set_state("active")
        new.date_start = "2026-01-01"
        new._set_state("active")
        self.assertEqual(old.date_end, date(2025, 12, 31))
        self.assertEqual(old.state, "expired")
        self.assertEqual(old.target_ids.filtered("priority").hours, 4)

    def test_an_active_agreement_expires_after_its_last_day_only(self):
        agreement = self._create_agreement()
        with self._refused("runs on"):
            agreement._set_state("expired")
        agreement.date_end = "2020-12-31"
        agreement._set_state("expired")

    @mute_logger("odoo.sql_db")
    def test_figures_that_make_no_sense_are_refused(self):
        for target in (
            {"hours": -1},
            {"hours": 0},
            {"goal_percent": 0},
            {"goal_percent": 101},
            {"warn_percent": 0},
            {"warn_percent": 101},
        ):
            with (
                self.subTest(target),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self._create_agreement([target], active=False)
        for values in (
            {"date_end": "2019-01-01"},
            {"notice_days": -1},
            {"review_months": 0},
            {"review_months": 121},
            {"volume_ids": [Command.create({"expected": 0})]},
            {"volume_ids": [Command.create({"expected": 1_000_001})]},
        ):
            with (
                self.subTest(values),
                self.assertRaises(CheckViolation),
                self.cr.savepoint(),
            ):
                self._create_agreement(active=False, **values)
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            self._create_agreement([{"hours": 1}, {"hours": 2}], active=False)

    def test_a_target_that_no_ticket_can_match_is_refused(self):
        agreement = self._create_agreement(
            [{"service_id": self.service.id}],
            active=False,
            service_ids=[Command.set(self.service.ids)],
        )
        with self._refused("No ticket can match"):
            agreement.target_ids.service_id = self.other_service
        with self._refused("No ticket can match"):
            agreement.service_ids = self.other_service

    def test_a_title_of_spaces_is_refused(self):
        with self._refused("says nothing"):
            self._create_agreement(active=False, name="  ")

    def test_hours_by_which_nothing_can_be_measured_are_refused(self):
        empty = self.office.copy({"name": "Never"})
        empty.attendance_ids.unlink()
        flexible = self.office.copy({"name": "Whenever"})
        flexible.flexible_hours = True
        for calendar, words in ((empty, "has no working time"), (flexible, "not when")):
            with self.subTest(words), self._refused(words):
                self._create_agreement(active=False, calendar_id=calendar.id)
            with self.subTest(words), self._refused(words):
                self._create_agreement(
                    [{"hours_basis": "own", "calendar_id": calendar.id}], active=False
                )

    def test_hours_in_use_are_not_emptied(self):
        self._create_agreement(calendar_id=self.office.id)
        with self._refused("has no working time"):
            self.office.attendance_ids = [Command.clear()]
        with self._refused("not when"):
            self.office.duration_based = True

    def test_hours_in_use_are_not_emptied_line_by_line(self):
        self._create_agreement(calendar_id=self.office.id)
        lines = self.office.attendance_ids
        elsewhere = self.office.copy()
        for change in (
            lines.unlink,
            lambda: lines.write({"hour_to": 8}),
            lambda: lines.write({"day_period": "lunch"}),
            lambda: lines.write({"calendar_id": elsewhere.id}),
        ):
            with self._refused("has no working time"):
                change()
                self.cr.flush()
        # Lines that are replaced are all gone for a moment.
        days = [line.copy_data()[0] for line in lines]
        lines.unlink()
        elsewhere.attendance_ids.create(days)
        self.cr.flush()

    def test_parties_have_to_fit_the_kind(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        for values, words in (
            ({"kind": "ola"}, "made with a team"),
            ({"kind": "uc"}, "made with a supplier"),
            ({"partner_id": stranger.id}, "is not a customer"),
            ({"team_id": self.team.id}, "Only an operational"),
            (
                {
                    "kind": "ola",
                    "team_id": self.team.id,
                    "partner_id": self.customer.id,
                },
                "no customer or supplier",
            ),
        ):
            with self.subTest(words), self._refused(words):
                self._create_agreement(active=False, **values)

    def test_a_supplier_is_held_to_services_that_it_supplies(self):
        supplier, other = self.env["res.partner"].create(
            [{"name": "Northline"}, {"name": "Southline"}]
        )
        self.service.supplier_id = other
        values = {"kind": "uc", "partner_id": supplier.id, "active": False}
        with self._refused("Northline is not the supplier of Web Shop"):
            self._create_agreement(service_ids=[(6, 0, self.service.ids)], **values)
        # One that nobody is named for yet may be put under contract.
        contract = self._create_agreement(
            service_ids=[(6, 0, self.other_service.ids)], **values
        )
        with self._refused("Northline is not the supplier"):
            contract.service_ids |= self.service

    def test_it_is_kept_once_it_was_more_than_a_draft(self):
        agreement = self._create_agreement()
        with self._refused("cannot be deleted"):
            agreement.unlink()
        self._create_agreement(active=False).unlink()
