from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .knowledge_common import KnowledgeCase


@tagged("post_install", "-at_install")
class TestArticleOnTicket(KnowledgeCase):
    """Articles that fit are offered, one click uses one, resolutions become some."""

    def setUp(self):
        super().setUp()
        # Of others, such as of the demo story, nothing is to stand in between.
        self.env["document.page"].search(
            [("itsm_audience", "!=", False)]
        ).active = False

    def test_same_items_come_before_same_service_before_words(self):
        none = {"itsm_service_ids": False}
        words = self._article(name="Printer does not print labels", **none)
        service = self._article(name="Something")
        item = self._article(
            name="Else", itsm_ci_ids=[Command.set(self.scanner.ids)], **none
        )
        self._article(name="Neither", **none)
        ticket = self._incident(
            name="Printer does not print any labels",
            service_id=self.shop.id,
            ci_ids=[Command.set(self.scanner.ids)],
        )
        self.assertEqual(list(ticket.offered_article_ids), [item, service, words])

    def test_words_are_compared_without_trigrams_too(self):
        page = self._article(
            name="Printer does not print labels", itsm_service_ids=False
        )
        ticket = self._incident(name="Printer does not print")
        with patch.object(self.env.registry, "has_trigram", False):
            ticket.invalidate_recordset()
            self.assertEqual(ticket.offered_article_ids, page)

    def test_they_appear_while_the_ticket_is_written(self):
        page = self._article()
        with Form(self.env["helpdesk.ticket"].with_user(self.agent)) as form:
            form.name = "Wholly different"
            form.description = "Help"
            form.partner_id = self.anna.partner_id
            self.assertFalse(form.offered_article_ids[:])
            form.service_id = self.shop
            self.assertEqual(form.offered_article_ids[:].ids, page.ids)

    def test_nothing_is_offered_twice_or_when_the_work_is_over(self):
        page = self._article()
        ticket = self._incident(service_id=self.shop.id)
        self.assertEqual(ticket.offered_article_ids, page)
        ticket._apply_article(page)
        self.assertFalse(ticket.offered_article_ids)
        other = self._incident(service_id=self.shop.id)
        code = self.env.ref("itsm_core.resolution_solved")
        other._itsm_move("resolved", resolution_code_id=code.id, resolution="Done")
        self.assertFalse(other.offered_article_ids)
        page.active = False
        self.assertFalse(self._incident(service_id=self.shop.id).offered_article_ids)

    def test_one_click_links_it_and_takes_its_text(self):
        page = self._article("customers")
        ticket = self._incident(service_id=self.shop.id)
        answer = page.with_context(itsm_ticket_id=ticket.id).action_apply_to_ticket()
        self.assertIs(answer, True)
        self.assertEqual(ticket.article_ids, page)
        self.assertEqual(page.itsm_ticket_ids, ticket)
        self.assertEqual(page.itsm_ticket_count, 1)
        self.assertEqual(ticket.resolution, "Turn the key twice.")
        self.assertIn(ticket.itsm_state, ("new", "open"))

    def test_what_was_written_stays_and_no_text_comes_twice(self):
        page = self._article("all")
        ticket = self._incident(resolution="Called Anna.")
        ticket._apply_article(page)
        ticket._apply_article(page)
        self.assertEqual(ticket.resolution, "Called Anna.\n\nTurn the key twice.")

    def test_text_that_the_customer_may_not_read_is_not_taken(self):
        staff = self._article("staff")
        foreign = self._article(
            "customers", itsm_service_ids=[Command.set(self.inside.ids)]
        )
        ticket = self._incident(service_id=self.shop.id)
        for page in (staff, foreign):
            answer = page.with_context(
                itsm_ticket_id=ticket.id
            ).action_apply_to_ticket()
            self.assertEqual(answer["tag"], "display_notification")
        self.assertEqual(ticket.article_ids, staff | foreign)
        self.assertFalse(ticket.resolution)

    def test_only_articles_and_only_on_unfinished_tickets(self):
        wiki = self.env["document.page"].create({"name": "W", "content": "<p>X</p>"})
        with self.assertRefused("", (AccessError, UserError)):
            self._incident()._apply_article(wiki.with_user(self.agent))
        page = self._article("all")
        code = self.env.ref("itsm_core.resolution_solved")
        ticket = self._incident()
        ticket._itsm_move("resolved", resolution_code_id=code.id, resolution="Done")
        with self.assertRefused("unfinished tickets only"):
            ticket._apply_article(page)
        with self.assertRefused("", AccessError):
            page.with_user(self.auditor).with_context(
                itsm_ticket_id=self._incident().id
            ).action_apply_to_ticket()

    def test_a_resolution_becomes_an_article_for_staff(self):
        problem = self.env["itsm.problem"].create({"name": "P"})
        ticket = self._incident(
            service_id=self.shop.id,
            ci_ids=[Command.set(self.scanner.ids)],
            problem_id=problem.id,
        )
        with self.assertRefused("Write the resolution"):
            ticket.action_make_article()
        ticket.resolution = "First <b>this</b>,\nthen that."
        action = ticket.action_make_article()
        page = self.env["document.page"].browse(action["res_id"])
        self.assertEqual(page.itsm_audience, "staff")
        self.assertEqual(page.name, ticket.name)
        self.assertIn("First &lt;b&gt;this&lt;/b&gt;", page.content)
        self.assertEqual(page.itsm_owner_id, self.agent)
        self.assertEqual(page.itsm_service_ids, self.shop)
        self.assertEqual(page.itsm_ci_ids, self.scanner)
        self.assertEqual(page.itsm_problem_ids, problem)
        self.assertEqual(ticket.article_ids, page)
        with self.assertRefused("", AccessError):
            ticket.with_user(self.auditor).action_make_article()

    def test_solved_tickets_become_articles_too(self):
        code = self.env.ref("itsm_core.resolution_solved")
        ticket = self._incident()
        ticket._itsm_move("resolved", resolution_code_id=code.id, resolution="So")
        for state in ("resolved", "closed"):
            if state == "closed":
                ticket._itsm_move("closed")
            page = self.env["document.page"].browse(
                ticket.action_make_article()["res_id"]
            )
            self.assertEqual(page.itsm_text, "So")
            self.assertIn(page, ticket.article_ids)

    def test_more_tickets_and_articles_take_no_more_queries(self):
        def count(tickets):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            tickets.mapped("offered_article_ids")
            return self.cr.sql_log_count - before

        self._article()
        tickets = self._incident(service_id=self.shop.id)
        count(tickets)
        few = count(tickets)
        for _ in range(4):
            self._article()
            tickets |= self._incident(service_id=self.shop.id)
        self.assertEqual(count(tickets), few)
        self.assertTrue(all(ticket.offered_article_ids for ticket in tickets))
