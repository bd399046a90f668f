from datetime import date

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from .common_use import UseCase


@tagged("post_install", "-at_install")
@freeze_time("2025-06-01 12:00:00")
class TestCiReturn(UseCase):
    def setUp(self):
        super().setUp()
        self.items.user_partner_id = self.anna
        self.items._set_state("in_use")

    def _get_due(self, user=None):
        items = self.env["itsm.ci"].with_user(user or self.env.user)
        found = items.search(
            [("id", "in", self.items.ids), ("is_return_due", "=", True)]
        )
        self.assertEqual(
            found, self.items.with_user(items.env.user).filtered("is_return_due")
        )
        return found.sudo()

    def _get_activities(self):
        return self.env["mail.activity"].search(
            [("res_model", "=", "itsm.ci"), ("res_id", "in", self.items.ids)]
        )

    def test_items_are_listed_14_days_before_their_user_leaves(self):
        for day, expected in (
            ("2025-06-16", 0),
            ("2025-06-15", 2),
            ("2025-05-01", 2),
        ):
            with self.subTest(day):
                self.anna.itsm_leaving_date = day
                for user in (self.agent, self.manager, self.auditor):
                    self.assertEqual(len(self._get_due(user)), expected)

    def test_items_of_archived_contacts_are_listed_and_asked_for_at_once(self):
        self.anna.active = False
        self.assertEqual(self._get_due(), self.items)
        activities = self._get_activities()
        self.assertEqual(len(activities), 2)
        self.assertEqual(activities.user_id, self.manager)
        # No person is named in what stays in the history.
        self.assertNotIn("Anna", activities[0].summary)

    def test_a_colleague_without_rights_to_items_archives_contacts(self):
        clerk = new_test_user(
            self.env, "return.clerk", "base.group_user,base.group_partner_manager"
        )
        self.anna.with_user(clerk).active = False
        self.assertEqual(len(self._get_activities()), 2)

    def test_the_list_shows_no_count_that_taking_back_leaves_as_it_was(self):
        action = self.env["ir.actions.actions"]._for_xml_id(
            "itsm_core.itsm_ci_return_action"
        )
        arch = self.env["itsm.ci"].get_view(action["search_view_id"][0], "search")
        self.assertIn("to_be_returned", arch["arch"])
        self.assertNotIn("searchpanel", arch["arch"])

    def test_it_is_asked_once(self):
        self.anna.itsm_leaving_date = "2025-06-10"
        self.env["itsm.ci"]._cron_follow_leavers()
        activities = self._get_activities()
        self.assertEqual(len(activities), 2)
        self.assertEqual(set(activities.mapped("date_deadline")), {date(2025, 6, 10)})

    def test_the_job_asks_when_the_day_comes_near(self):
        self.anna.itsm_leaving_date = "2025-08-01"
        self.env["itsm.ci"]._cron_follow_leavers()
        self.assertFalse(self._get_activities())
        with freeze_time("2025-07-20 12:00:00"):
            self.env["itsm.ci"]._cron_follow_leavers()
        self.assertEqual(len(self._get_activities()), 2)

    def test_who_stays_after_all_keeps_the_items(self):
        self.anna.itsm_leaving_date = "2025-06-10"
        self.anna.itsm_leaving_date = False
        self.assertFalse(self._get_activities())
        self.assertFalse(self._get_due())
        self.anna.itsm_leaving_date = "2025-06-11"
        self.assertEqual(len(self._get_activities()), 2)

    def test_taking_an_item_back_does_what_was_asked(self):
        self.anna.active = False
        self.laptop.with_user(self.manager).user_partner_id = False
        self.assertEqual(self._get_due(), self.phone)
        self.assertEqual(self._get_activities().res_id, self.phone.id)
        self.assertFalse(self.laptop.return_asked)

    def test_retired_items_are_not_asked_for(self):
        self.phone._load_state("retired")
        self.anna.active = False
        self.assertEqual(self._get_due(), self.laptop)

    def test_where_nobody_is_responsible_the_company_says_who_asks(self):
        self.items.owner_id = False
        self.env.company.itsm_configuration_user_id = self.agent
        self.anna.active = False
        self.assertEqual(self._get_activities().user_id, self.agent)

    def test_asking_for_many_takes_as_many_queries_as_for_few(self):
        def count(number):
            person = self.ben.copy()
            self.env["itsm.ci"].create(
                [
                    {
                        "name": f"{number} {each}",
                        "class_id": self.laptop.class_id.id,
                        "user_partner_id": person.id,
                        "owner_id": self.manager.id,
                    }
                    for each in range(number)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            person.active = False
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(2)
        few = count(3)
        self.assertLessEqual(count(30), few + 2)
