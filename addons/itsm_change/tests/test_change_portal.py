from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.mail.tests.common import MockEmail

from .common import ChangeCase


class AnnouncedCase(ChangeCase, MockEmail):
    """A change of the web shop, which Bluewater uses; Northwind uses the mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._init_mail_gateway()
        cls.bluewater, cls.northwind = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "email": f"office@{name.lower()}.example.com",
                    "is_company": True,
                    "is_itsm_customer": True,
                }
                for name in ("Bluewater", "Northwind")
            ]
        )
        cls.kim, cls.nora = (
            new_test_user(
                cls.env,
                f"change.{login}",
                groups="base.group_portal",
                email=f"{login}@example.com",
                parent_id=customer.id,
                password="secret.password",
                tz="Europe/Berlin",
            )
            for login, customer in (("kim", cls.bluewater), ("nora", cls.northwind))
        )
        cls.bluewater.itsm_key_user_ids = cls.kim
        cls.shop, cls.mail, cls.hidden = (
            cls._make_service(*args)
            for args in (
                ("Shop of Bluewater", cls.bluewater),
                ("Mail of Northwind", cls.northwind),
                ("Storage inside", cls.env["res.partner"]),
            )
        )
        cls.hidden.is_published = False
        cls.start = fields.Datetime.now().replace(microsecond=0) + timedelta(days=20)

    @classmethod
    def _make_service(cls, name, customers):
        team = cls.env["helpdesk.ticket.team"].create({"name": f"Team of {name}"})
        service = cls.env["itsm.service"].create(
            {
                "name": name,
                "owner_id": cls.other.id,
                "team_id": team.id,
                "customer_ids": [Command.set(customers.ids)],
            }
        )
        service._set_state("transition")
        service._load_state("live")
        service.is_published = True
        return service

    def _values(self, **values):
        return super()._values(
            **{
                "name": "Secret inner name",
                "planned_start": self.start,
                "planned_stop": self.start + timedelta(hours=2),
                "service_ids": [Command.set((self.shop | self.hidden).ids)],
                "owner_id": self.planner.id,
                "announce_title": "New <b>shop</b>",
                "announce_text": "Please log out.",
                "announce_effect": "interruption",
                **values,
            }
        )

    def _announced(self, **values):
        change = self._scheduled(**values)
        change.action_announce()
        return change

    def _mailed(self, action, *args):
        """Return who was mailed by an action, with the subject."""
        with self.mock_mail_gateway():
            action(*args)
            self.env.flush_all()
            mails = self._new_mails
        return sorted(
            (mail.recipient_ids.email_normalized, mail.subject) for mail in mails
        )


@tagged("post_install", "-at_install")
class TestChangeAnnouncement(AnnouncedCase):
    """Customers of the services are told, and told how it goes on."""

    def test_customers_of_published_services_are_mailed_once_each(self):
        change = self._scheduled()
        self.assertEqual(change.announce_service_ids, self.shop)
        self.assertEqual(change.announce_contact_ids, self.kim.partner_id)
        mailed = self._mailed(change.action_announce)
        self.assertEqual(mailed, [("kim@example.com", "Planned Work: New <b>shop</b>")])
        notice = change.announcement_ids.notice_ids
        self.assertEqual(notice.service_names, "Shop of Bluewater")
        body = self._new_mails.body_html
        self.assertIn("New &lt;b&gt;shop&lt;/b&gt;", body)
        self.assertIn(f"/my/changes/{change.id}", body)
        self.assertNotIn("Secret inner name", body)

    def test_what_became_of_the_mail_is_noted(self):
        change = self._scheduled()
        with self.mock_mail_gateway():
            change.action_announce()
            self._new_mails.send()
        self.assertEqual(change.announcement_ids.notice_ids.state, "sent")

    def test_only_owner_and_change_manager_announce(self):
        change = self._scheduled()
        with self._refused("The owner of .* or a change manager"):
            change.with_user(self.implementer).action_announce()
        with self._refused("", AccessError):
            change.with_user(self.auditor).action_announce()
        change.with_user(self.change_manager).action_announce()
        self.assertEqual(change.announcement_ids.user_id, self.change_manager)

    def test_nothing_is_announced_before_it_is_scheduled_or_without_words(self):
        with self._refused("once it is scheduled"):
            self._requested().action_announce()
        change = self._scheduled(announce_text=False, announce_effect=False)
        with self._refused("Missing: Text for Customers, Expected Effect"):
            change.action_announce()
        change = self._scheduled(
            service_ids=[Command.set(self.hidden.ids)],
            ci_ids=[Command.set(self.server.ids)],
        )
        with self._refused("no service that is live and published"):
            change.action_announce()

    def test_words_may_be_written_under_an_approval_and_told_again_only_if_new(self):
        change = self._announced()
        with self._refused("know this about .* already"):
            change.action_announce()
        change.announce_text = "Please log out before eight."
        mailed = self._mailed(change.action_announce)
        self.assertEqual(mailed, [("kim@example.com", "News: New <b>shop</b>")])
        self.assertEqual(change.announcement_ids.mapped("is_latest"), [True, False])

    def test_a_moved_change_is_told_once_it_is_scheduled_again(self):
        change = self._announced()
        self.assertFalse(self._mailed(change.action_set_state, "assessment"))
        change.write(
            {
                "planned_start": self.start + timedelta(days=1),
                "planned_stop": self.start + timedelta(days=1, hours=2),
                "service_ids": [Command.set(self.mail.ids)],
            }
        )
        change.action_set_state("approval")
        change.request_validation()
        self._approve(change)
        self.assertEqual(
            self._mailed(change.action_set_state, "scheduled"),
            [
                (
                    "kim@example.com",
                    "You are no longer affected: New <b>shop</b>",
                ),
                ("office@northwind.example.com", "New Time: New <b>shop</b>"),
            ],
        )

    def test_scheduled_again_for_the_same_time_nobody_is_bothered(self):
        change = self._announced()
        change.action_set_state("assessment")
        change.action_set_state("approval")
        change.request_validation()
        self._approve(change)
        self.assertFalse(self._mailed(change.action_set_state, "scheduled"))

    def test_cancelled_done_and_failed_are_told_once(self):
        change = self._announced()
        change.decision_note = "The vendor is ill."
        self.assertEqual(
            self._mailed(change.action_set_state, "cancelled"),
            [("kim@example.com", "Cancelled: New <b>shop</b>")],
        )
        for target, said in (("review", "Done"), ("failed", "Ended Without Success")):
            change = self._announced().with_user(self.implementer)
            self.assertFalse(self._mailed(change.action_set_state, "implementation"))
            change.result_note = "It went so."
            self.assertEqual(
                self._mailed(change.action_set_state, target),
                [("kim@example.com", f"{said}: New <b>shop</b>")],
            )
            if target == "failed":
                self.assertFalse(self._mailed(change.action_set_state, "review"))

    def test_what_was_never_announced_stays_quiet(self):
        change = self._scheduled()
        change.decision_note = "No longer needed."
        self.assertFalse(self._mailed(change.action_set_state, "cancelled"))
        self.assertFalse(change.announcement_ids)

    def test_nobody_writes_what_was_told(self):
        told = self._announced().announcement_ids
        for user in (self.planner, self.change_manager):
            for record in (told, told.notice_ids):
                with self._refused("", AccessError):
                    record.with_user(user).write({"create_date": False})
                with self._refused("", AccessError):
                    record.with_user(user).unlink()
                with self._refused("", AccessError):
                    record.with_user(user).create({})


@tagged("post_install", "-at_install")
class TestChangePortal(AnnouncedCase, HttpCase):
    """Customers see what they were told of their services, and nothing else."""

    def _page(self, user, path="/my/changes"):
        self.authenticate(user.login, "secret.password")
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return response

    def test_a_change_is_seen_by_customers_of_its_services_once_announced(self):
        change = self._scheduled()
        path = f"/my/changes/{change.id}"
        self.assertNotIn("New &lt;b&gt;", self._page(self.kim).text)
        self.assertTrue(self._page(self.kim, path).url.endswith("/my/changes"))
        change.action_announce()
        for page in (self._page(self.kim), self._page(self.kim, path)):
            self.assertIn("New &lt;b&gt;shop&lt;/b&gt;", page.text)
            self.assertIn("Shop of Bluewater", page.text)
            self.assertIn("Not available for a time", page.text)
            for secret in ("Secret inner name", "Storage inside", "prn01", "CHG0"):
                self.assertNotIn(secret, page.text)
        self.assertNotIn("New &lt;b&gt;", self._page(self.nora).text)
        self.assertTrue(self._page(self.nora, path).url.endswith("/my/changes"))

    def test_services_of_other_customers_are_not_named(self):
        change = self._announced(service_ids=[Command.set((self.shop | self.mail).ids)])
        for path in ("/my/changes", f"/my/changes/{change.id}"):
            page = self._page(self.nora, path).text
            self.assertIn("Mail of Northwind", page)
            self.assertNotIn("Shop of Bluewater", page)

    def test_edits_show_only_once_they_are_told(self):
        change = self._announced()
        change.announce_text = "A word too early"
        path = f"/my/changes/{change.id}"
        self.assertNotIn("A word too early", self._page(self.kim, path).text)
        change.action_announce()
        self.assertIn("A word too early", self._page(self.kim, path).text)

    def test_the_state_is_told_in_plain_words(self):
        change = self._announced()
        path = f"/my/changes/{change.id}"
        self.assertIn(">Planned<", self._page(self.kim, path).text)
        change.with_user(self.implementer).action_set_state("implementation")
        self.assertIn(">In progress<", self._page(self.kim, path).text)
        change.with_user(self.implementer).action_set_state("review")
        self.assertIn(">Done<", self._page(self.kim, path).text)
        self.assertIn("Over in the last 30 days", self._page(self.kim).text)
        moved = self._announced()
        moved.action_set_state("assessment")
        page = self._page(self.kim, f"/my/changes/{moved.id}").text
        self.assertIn(">New time wanted<", page)
        self.assertIn("We are looking for another one", page)
        moved.decision_note = "Not needed."
        moved.action_set_state("cancelled")
        page = self._page(self.kim, f"/my/changes/{moved.id}").text
        self.assertIn(">Cancelled<", page)

    def test_times_are_those_of_the_reader(self):
        change = self._announced()
        local = fields.Datetime.context_timestamp(
            change.with_context(tz="Europe/Berlin"), change.planned_start
        )
        page = self._page(self.kim, f"/my/changes/{change.id}").text
        self.assertIn(f"{local:%H:%M}", page)
        self.assertIn("Europe/Berlin", page)

    def test_a_reader_without_time_zone_sees_planned_work_and_releases(self):
        change = self._announced()
        self.kim.tz = False
        for path in ("/my/changes", f"/my/changes/{change.id}", "/my/releases"):
            self._page(self.kim, path)

    def test_long_ago_is_not_listed(self):
        change = self._announced()
        change.with_user(self.implementer).action_set_state("implementation")
        change.with_user(self.implementer).action_set_state("review")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE itsm_change_announcement"
            " SET start = '2020-01-01', stop = '2020-01-02'"
        )
        self.env.invalidate_all()
        self.assertNotIn("New &lt;b&gt;", self._page(self.kim).text)

    def test_other_companies_and_visitors_see_nothing(self):
        change = self._announced()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.kim.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        self.assertNotIn("New &lt;b&gt;", self._page(self.kim).text)
        self.logout()
        response = self.url_open(f"/my/changes/{change.id}")
        self.assertIn("/web/login", response.url)

    def test_tokens_and_odd_numbers_open_nothing(self):
        change = self._announced()
        for path in (
            f"/my/changes/{change.id}?access_token=x",
            f"/my/changes/{2**40}",
            "/my/changes/0",
        ):
            page = self._page(self.nora, path)
            self.assertTrue(page.url.endswith("/my/changes"))

    def test_customers_reach_no_model_by_rpc(self):
        change = self._announced()
        for records in (
            change,
            change.announcement_ids,
            change.announcement_ids.notice_ids,
        ):
            for method, args in (
                ("read", (["id"],)),
                ("write", ({"id": 1},)),
                ("unlink", ()),
            ):
                with self._refused("", AccessError):
                    getattr(records.with_user(self.kim), method)(*args)
        with self._refused("", AccessError):
            change.with_user(self.kim).action_announce()

    def test_the_card_counts_what_is_to_come(self):
        self._announced()
        done = self._announced(
            planned_start=self.start + timedelta(days=3),
            planned_stop=self.start + timedelta(days=3, hours=1),
        )
        done.with_user(self.implementer).action_set_state("implementation")
        done.with_user(self.implementer).action_set_state("review")
        self.authenticate(self.kim.login, "secret.password")
        counts = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["itsm_change_count"]}
        )
        self.assertEqual(counts, {"itsm_change_count": 1})

    def test_more_changes_take_no_more_queries(self):
        self._announced()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            Change = self.env["itsm.change"].with_user(self.kim)
            for told in Change._get_portal_announcements():
                told._get_portal_values()
            return self.cr.sql_log_count - before

        few = count()
        changes = self.env["itsm.change"].create([self._values() for _ in range(9)])
        self.env["itsm.change.announcement"]._tell(
            [change._prepare_announcement("announced") for change in changes]
        )
        self.assertEqual(count(), few)
