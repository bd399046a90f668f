from unittest.mock import patch

from odoo.tests import Form, tagged

from ..models.helpdesk_ticket_problem import compare_titles
from .problem_common import ProblemCase


@tagged("post_install", "-at_install")
class TestProblemTicket(ProblemCase):
    """Known errors are offered where they fit, and one click uses them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The demo story has known errors of its own.
        cls.env["itsm.problem"].search([]).active = False

    def _offered(self, ticket):
        ticket.invalidate_recordset(["known_error_ids"])
        return ticket.with_user(self.agent).known_error_ids

    def test_same_items_come_before_the_same_service_and_similar_words(self):
        by_words = self._known(
            name="Scanner does not start", service_id=False, ci_ids=False
        )
        by_service = self._known(name="Queue hangs", ci_ids=False)
        by_item = self._known(name="Memory leaks", service_id=False)
        self._known(
            name="Mails are late",
            service_id=self.other_service.id,
            ci_ids=[(6, 0, self.other_printer.ids)],
        )
        ticket = self._incident(
            service_id=self.service.id, ci_ids=[(6, 0, self.printer.ids)]
        )
        offered = self._offered(ticket)
        self.assertEqual(offered[:1], by_item)
        self.assertEqual(offered, by_item | by_service | by_words)

    def test_without_trigrams_words_in_common_count(self):
        known = self._known(
            name="The scanner does not start", service_id=False, ci_ids=False
        )
        ticket = self._incident()
        with patch.object(self.env.registry, "has_trigram", False):
            self.assertEqual(self._offered(ticket), known)
        self.assertEqual(compare_titles("A b", "b c"), 1 / 3)
        self.assertEqual(compare_titles("", ""), 0)

    def test_nothing_is_offered_that_is_solved_not_known_yet_or_of_others(self):
        self._resolved()
        self._problem()
        company = self.env["res.company"].create({"name": "Other"})
        self.env["itsm.problem"].create(
            {
                "name": "Scanner does not start",
                "company_id": company.id,
                "workaround": "<p>None</p>",
            }
        )._load_state("known_error")
        ticket = self._incident(service_id=self.service.id)
        self.assertFalse(self._offered(ticket))

    def test_nothing_is_offered_for_requests_linked_or_finished_tickets(self):
        known = self._known()
        ticket = self._incident(service_id=self.service.id)
        self.assertEqual(self._offered(ticket), known)
        request = self._incident(ticket_type="request", service_id=self.service.id)
        self.assertFalse(self._offered(request))
        self._resolve(ticket)
        self.assertFalse(self._offered(ticket))
        linked = self._incident(service_id=self.service.id, problem_id=known.id)
        self.assertFalse(self._offered(linked))

    def test_it_is_offered_while_the_incident_is_written(self):
        known = self._known(name="Label printer is offline", ci_ids=False)
        form = Form(self.env["helpdesk.ticket"].with_user(self.agent))
        form.name = "Something else"
        self.assertFalse(form.known_error_ids[:])
        form.name = "Label printer offline"
        self.assertEqual(form.known_error_ids[:], known)

    def test_applying_links_and_takes_the_workaround_without_resolving(self):
        known = self._known(workaround="<p>Restart the <b>spooler</b>.</p>")
        ticket = self._incident(service_id=self.service.id)
        known.with_user(self.agent).with_context(
            itsm_ticket_id=ticket.id
        ).action_apply_to_ticket()
        self.assertEqual(ticket.problem_id, known)
        self.assertIn("Restart the *spooler*.", ticket.resolution)
        self.assertEqual(
            ticket.resolution_code_id, self.env.ref("itsm_core.resolution_workaround")
        )
        self.assertEqual(ticket.itsm_state, "new")
        self.assertEqual(known.incident_count, 1)
        self.assertEqual(known.open_incident_count, 1)
        self._resolve(ticket)
        self.assertEqual(known.open_incident_count, 0)

    def test_what_is_solved_is_not_applied(self):
        known = self._resolved()
        ticket = self._incident()
        with self.assertRefused("no known error any more"):
            ticket._apply_known_error(known)
        self._resolve(ticket)
        with self.assertRefused("unfinished"):
            ticket._apply_known_error(self._known())

    def test_a_problem_begins_from_incidents_with_what_they_share(self):
        first = self._incident(
            name="No labels",
            service_id=self.service.id,
            impact="2",
            ci_ids=[(6, 0, self.printer.ids)],
        )
        second = self._incident(impact="1", ci_ids=[(6, 0, self.other_printer.ids)])
        both = (second | first).with_user(self.agent)
        action = both.action_begin_problem()
        problem = self.env["itsm.problem"].browse(action["res_id"])
        self.assertEqual(problem.name, "No labels")
        self.assertEqual(problem.service_id, self.service)
        self.assertEqual(problem.ci_ids, self.printer | self.other_printer)
        self.assertEqual(problem.impact, "1")
        self.assertEqual(problem.owner_id, self.agent)
        self.assertEqual(problem.incident_ids, first | second)
        self.assertEqual(first.action_open_problem()["res_id"], problem.id)
        with self.assertRefused("belongs to"):
            both.action_begin_problem()
        request = self._incident(ticket_type="request")
        with self.assertRefused("is none"):
            request.action_begin_problem()

    def test_offers_for_many_tickets_take_as_many_queries_as_for_one(self):
        for number in range(3):
            self._known(name=f"Label printer {number} is offline")
        tickets = self.env["helpdesk.ticket"].concat(
            *(
                self._incident(
                    name=f"Printer {number} offline", service_id=self.service.id
                )
                for number in range(20)
            )
        )
        counts = []
        for some in (tickets[:1], tickets):
            self.env.flush_all()
            self.env.invalidate_all()
            some.fetch(["name", "service_id", "ci_ids"])
            before = self.cr.sql_log_count
            some.mapped("known_error_ids")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertEqual(len(tickets[7].known_error_ids), 3)
