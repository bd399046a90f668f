from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .problem_common import ProblemCase

DAY = "2026-03-02 10:00:00"


@tagged("post_install", "-at_install")
class TestProblemReview(ProblemCase):
    """It is looked at whether a solution helped, by somebody else, when time is."""

    def setUp(self):
        super().setUp()
        with freeze_time(DAY):
            self.problem = self._resolved()

    def test_the_review_is_due_so_many_days_after_the_solution(self):
        self.assertEqual(str(self.problem.review_date), "2026-04-01")
        domain = [("is_review_due", "=", True), ("id", "=", self.problem.id)]
        for day, is_due in (("2026-03-31", False), ("2026-04-01", True)):
            with freeze_time(f"{day} 12:00:00"):
                self.problem.invalidate_recordset(["is_review_due"])
                self.assertEqual(self.problem.is_review_due, is_due)
                self.assertEqual(bool(self.env["itsm.problem"].search(domain)), is_due)
        for days in (0, 366):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRefused("review_days_range", IntegrityError),
            ):
                self.env.company.itsm_problem_review_days = days
                self.env.flush_all()

    def test_the_settings_say_after_how_many_days(self):
        self.env.company.itsm_problem_review_days = 10
        with freeze_time(DAY):
            problem = self._resolved()
        self.assertEqual(str(problem.review_date), "2026-03-12")

    def test_not_closed_early_unreviewed_by_its_owner_or_without_effect(self):
        problem = self.problem.with_user(self.manager)
        with freeze_time("2026-03-31 12:00:00"):
            with self.assertRefused("Effectiveness, Result of the Review"):
                problem.action_set_state("closed")
            problem.write({"effectiveness": "effective", "review_note": "None since."})
            with self.assertRefused("reviewed on 2026-04-01"):
                problem.action_set_state("closed")
        with freeze_time("2026-04-01 12:00:00"):
            with self.assertRefused("needs the role"):
                self.problem.action_set_state("closed")
            problem.owner_id = self.manager
            with self.assertRefused("Somebody else"):
                problem.action_set_state("closed")
            problem.owner_id = self.agent
            problem.effectiveness = "ineffective"
            with self.assertRefused("Investigate again"):
                problem.action_set_state("closed")
            problem.effectiveness = "partly"
            problem.action_set_state("closed")
        with self.assertRefused("can no longer be changed"):
            problem.review_note = "Other"
        with self.assertRefused("can no longer be changed"):
            problem.root_cause = "Other"

    def test_what_did_not_help_is_investigated_again_and_its_result_emptied(self):
        self.problem.write({"effectiveness": "ineffective", "review_note": "Five."})
        self.problem.action_set_state("investigating")
        for name in ("resolved_date", "review_date", "effectiveness", "review_note"):
            self.assertFalse(self.problem[name], name)

    def test_only_managers_reopen_what_is_closed(self):
        self.problem.write({"effectiveness": "effective", "review_note": "None."})
        with freeze_time("2026-04-02 12:00:00"):
            self.problem.with_user(self.manager).action_set_state("closed")
            with self.assertRefused("needs the role"):
                self.problem.action_set_state("investigating")
            self.problem.with_user(self.manager).action_set_state("investigating")
        self.assertFalse(self.problem.closed_date)

    def _make_incidents(self, *opened, **values):
        tickets = self.env["helpdesk.ticket"]
        for moment in opened:
            with freeze_time(moment):
                tickets |= self._incident(**values)
        return tickets

    def _compare(self, moment, problem=None):
        problem = problem or self.problem
        with freeze_time(moment):
            problem.invalidate_recordset()
            return problem.before_count, problem.after_count, problem.compared_days

    def test_as_many_days_before_are_compared_as_have_gone_by_since(self):
        self._make_incidents(
            "2026-02-20 10:00:00",
            "2026-02-27 10:00:00",
            "2026-03-01 10:00:00",
            "2026-03-02 10:00:00",
            "2026-03-06 10:00:00",
            ci_ids=[(6, 0, self.printer.ids)],
        )
        self.assertEqual(self._compare("2026-03-02 11:00:00"), (1, 1, 1))
        self.assertEqual(self._compare("2026-03-06 11:00:00"), (2, 2, 5))
        # The review ends what is compared.
        self.assertEqual(self._compare("2026-06-01 00:00:00")[2], 31)
        unsolved = self._known()
        self.assertEqual(self._compare("2026-06-01 00:00:00", unsolved), (0, 0, 0))
        with self.assertRefused("once it is resolved"):
            unsolved.action_open_before()

    def test_alike_are_those_linked_and_those_on_its_items(self):
        before = "2026-03-01 10:00:00"
        self._make_incidents(before, ci_ids=[(6, 0, self.other_printer.ids)])
        self._make_incidents(before, service_id=self.service.id)
        self._make_incidents(
            before, ticket_type="request", ci_ids=[(6, 0, self.printer.ids)]
        )
        on_item = self._make_incidents(before, ci_ids=[(6, 0, self.printer.ids)])
        linked = self._make_incidents(before, problem_id=self.problem.id)
        with freeze_time("2026-03-05 10:00:00"):
            action = self.problem.action_open_before()
        found = self.env["helpdesk.ticket"].search(action["domain"])
        self.assertEqual(found, on_item | linked)

    def test_without_items_alike_are_those_of_service_and_category(self):
        category, other = self.env["helpdesk.ticket.category"].create(
            [{"name": "Printing"}, {"name": "Other"}]
        )
        with freeze_time(DAY):
            problem = self._resolved(ci_ids=False, category_id=category.id)
        before = "2026-03-01 10:00:00"
        self._make_incidents(before, service_id=self.other_service.id)
        self._make_incidents(before, service_id=self.service.id, category_id=other.id)
        alike = self._make_incidents(
            before, service_id=self.service.id, category_id=category.id
        )
        with freeze_time("2026-03-05 10:00:00"):
            action = problem.action_open_before()
            later = problem.action_open_after()
        Ticket = self.env["helpdesk.ticket"]
        self.assertEqual(Ticket.search(action["domain"]), alike)
        self.assertFalse(Ticket.search(later["domain"]))

    def test_a_manager_reviews_on_the_form(self):
        with (
            freeze_time("2026-04-02 12:00:00"),
            Form(self.problem.with_user(self.manager)) as form,
        ):
            form.effectiveness = "effective"
            form.review_note = "None since."
        self.assertEqual(self.problem.effectiveness, "effective")
