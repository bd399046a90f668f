from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .rating_common import RatingCase


@tagged("post_install", "-at_install")
class TestRating(RatingCase):
    """What customers say, what it does, and that nobody says it for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = new_test_user(
            cls.env, "rating.owner", groups="itsm_core.group_user", name="Olga Owner"
        )
        cls.lead = new_test_user(
            cls.env, "rating.lead", groups="itsm_core.group_user", name="Lea Lead"
        )

    # ------------------------------------------------------------------
    # What it does
    # ------------------------------------------------------------------

    def test_a_rating_is_kept_and_told_in_a_note(self):
        ticket = self._closed()
        self._rate(ticket, 5, "Fast <b>work</b>")
        rating = self._ratings(ticket)
        self.assertEqual((rating.rating, rating.feedback), (5, "Fast <b>work</b>"))
        note = ticket.message_ids[0]
        self.assertIn("Satisfied", note.body)
        self.assertIn("&lt;b&gt;", note.body)
        self.assertTrue(note.subtype_id.internal)
        self.assertEqual(note.author_id, self.caller)
        self.assertEqual(ticket.itsm_state, "closed")
        self.assertFalse(self._activities(ticket))

    def test_a_low_rating_goes_to_the_relationship_owner_once(self):
        self.customer.itsm_relationship_owner_id = self.owner
        ticket = self._closed()
        self._rate(ticket, 1, "Three weeks!")
        self._rate(ticket, 1, "Three weeks!")
        activity = self._activities(ticket)
        self.assertEqual(activity.user_id, self.owner)
        self.assertIn("Three weeks!", activity.note)

    def test_without_owner_it_goes_to_the_leader_and_then_to_a_manager(self):
        self.team.user_id = self.lead
        led = self._closed()
        self._rate(led, 1)
        self.assertEqual(self._activities(led).user_id, self.lead)
        self.team.user_id = False
        self.company.itsm_escalation_second_id = self.manager
        alone = self._closed()
        self._rate(alone, 1)
        self.assertEqual(self._activities(alone).user_id, self.manager)

    def test_rather_not_to_whom_it_is_about(self):
        self.team.user_id = self.agent
        self.company.itsm_escalation_second_id = self.manager
        ticket = self._closed()
        self._rate(ticket, 1)
        self.assertEqual(self._activities(ticket).user_id, self.manager)

    def test_the_company_says_what_is_low(self):
        for setting, expected in (("none", 0), ("ko", 0), ("ok", 1)):
            self.company.itsm_low_rating = setting
            ticket = self._closed()
            self._rate(ticket, 3)
            self.assertEqual(len(self._activities(ticket)), expected, setting)

    def test_the_first_word_counts(self):
        ticket = self._closed()
        self._rate(ticket, 1, "Bad")
        self._rate(ticket, 5, "Very good")
        self.assertEqual(self._ratings(ticket).rating, 1)

    def test_an_open_ticket_cannot_be_rated(self):
        ticket = self._closed()
        ticket._itsm_move("open")
        self._commit()
        with self._refused("not closed"):
            self._rate(ticket, 5)

    # ------------------------------------------------------------------
    # Doors
    # ------------------------------------------------------------------

    def test_nobody_of_the_house_writes_ratings(self):
        ticket = self._closed()
        rating = self._ratings(ticket)
        admin = self.env.ref("base.user_admin")
        for user in (self.agent, self.manager, self.auditor, admin):
            own = rating.with_user(user)
            doors = {
                "write": lambda own=own: own.write({"rating": 5, "consumed": True}),
                "reset": lambda own=own: own.reset(),
                "unlink": lambda own=own: own.unlink(),
                "create": lambda own=own: own.create(
                    {
                        "res_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                        "res_id": ticket.id,
                        "rating": 5,
                        "consumed": True,
                    }
                ),
                "apply": lambda user=user: ticket.with_user(user).rating_apply(
                    5, token="x"
                ),
            }
            for name, door in doors.items():
                with (
                    self.subTest(user=user.login, door=name),
                    mute_logger("odoo.addons.base.models.ir_model"),
                    self.assertRaises(AccessError),
                    self.cr.savepoint(),
                ):
                    door()
        self.assertFalse(rating.consumed)

    def test_a_rating_of_something_else_cannot_be_put_on_a_ticket(self):
        ticket = self._closed()
        partner_model = self.env["ir.model"]._get_id("res.partner")
        rating = (
            self.env["rating.rating"]
            .with_user(self.agent)
            .create({"res_model_id": partner_model, "res_id": self.caller.id})
        )
        with self.assertRaises(AccessError), self.cr.savepoint():
            rating.write(
                {
                    "res_model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                    "res_id": ticket.id,
                }
            )

    def test_a_message_cannot_carry_a_rating(self):
        ticket = self._closed()
        ticket.with_user(self.agent).message_post(
            body="Great", message_type="comment", rating_value=5
        )
        self.assertFalse(self._ratings(ticket).filtered("consumed"))

    def test_nobody_reads_the_token(self):
        ticket = self._closed()
        token = self._ratings(ticket).sudo().access_token
        rating = self._ratings(ticket).with_user(self.env.ref("base.user_admin"))
        with self.assertRaises(AccessError):
            rating.read(["access_token"])
        with self.assertRaises(AccessError):
            rating.search([("access_token", "=", token)])
        template = self.env.ref("itsm_sla.mail_template_rating")
        shown = template._render_field("body_html", ticket.ids)[ticket.id]
        self.assertNotIn(token, shown)

    def test_who_worked_on_the_ticket_does_not_rate_it(self):
        with freeze_time("2026-03-02 08:00:00") as now:
            ticket = self._open(partner_id=self.manager.partner_id.id)
            ticket.user_id = self.manager
            self._commit()
            now.tick(60)
            ticket.user_id = self.agent
            self._commit()
            self._close(ticket)
        self.assertFalse(self._ratings(ticket))
        with self._refused("nobody who worked on it"):
            ticket.sudo()._portal_rate(5, "", self.manager)

    def test_an_agent_with_the_link_does_not_rate_for_the_customer(self):
        ticket = self._closed()
        rating = self._ratings(ticket).with_user(self.agent).sudo()
        with self._refused("Only the person who raised"):
            ticket.with_user(self.agent).sudo().rating_apply(5, rating=rating)

    def test_ratings_are_read_by_who_may_read_the_ticket(self):
        ticket = self._closed()
        self._rate(ticket, 5)
        employee = new_test_user(self.env, "rating.employee", groups="base.group_user")
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "rating.stranger",
            groups="itsm_core.group_manager",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        portal = new_test_user(self.env, "rating.portal", groups="base.group_portal")
        ratings = self.env["rating.rating"]
        mine = [("res_id", "=", ticket.id), ("res_model", "=", "helpdesk.ticket")]
        for user, expected in (
            (self.agent, 1),
            (self.auditor, 1),
            (employee, 0),
            (stranger, 0),
        ):
            with self.subTest(user.login):
                found = ratings.with_user(user).search_count(mine)
                self.assertEqual(found, expected)
        with mute_logger("odoo.addons.base.models.ir_model"):
            with self.assertRaises(AccessError):
                ratings.with_user(portal).search(mine)
            with self.assertRaises(AccessError):
                self.env["itsm.satisfaction"].with_user(portal).search([])

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_figures_are_those_of_the_customer_and_service_at_the_time(self):
        with freeze_time("2026-03-02 08:00:00"):
            happy, sad, silent = (self._closed() for _number in range(3))
        self.cr.execute(
            "UPDATE rating_rating SET create_date = '2026-03-02 08:00:01'"
            " WHERE id IN %s",
            [self._ratings(happy | sad | silent)._ids],
        )
        self.env.invalidate_all()
        self._rate(happy, 5)
        self._rate(sad, 1)
        ids = (happy | sad | silent).ids
        figures = self.env["itsm.satisfaction"].with_user(self.auditor)
        domain = [("ticket_id", "in", ids)]

        def read(group):
            return figures._read_group(
                domain,
                [group],
                [
                    "asked_count:sum",
                    "answered_count:sum",
                    "satisfied_percent:avg",
                    "rating:avg",
                ],
            )

        self.assertEqual(read("service_id")[0][1:], (3, 2, 50.0, 3.0))
        sad._itsm_move("open")
        self._commit()
        sad.service_id = self.other_service
        self._commit()
        self.assertEqual(len(read("service_id")), 1)
        self.assertEqual(read("customer_id")[0][0], self.customer)
        self.assertEqual(read("team_id")[0][0], self.team)
        row = figures.search([("ticket_id", "=", sad.id)])
        self.assertEqual(row.action_open_ticket()["res_id"], sad.id)

    def test_of_anonymised_tickets_the_rating_stays_and_the_person_goes(self):
        ticket = self._closed()
        self._rate(ticket, 1, "Bea Buyer is angry")
        self.company.itsm_retention_months = 1
        ticket.sudo()._anonymize(self.company, "request")
        rating = self._ratings(ticket)
        self.assertEqual(rating.rating, 1)
        self.assertFalse(rating.partner_id or rating.feedback or rating.access_token)

    def test_a_bad_pause_is_refused(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.cr.savepoint(),
        ):
            self.company.itsm_rating_pause_days = -1
            self.env.flush_all()

    def test_an_unknown_rate_is_refused(self):
        ticket = self._closed()
        for rate in (0, 2, 99):
            with self._refused("how satisfied", UserError):
                self._rate(ticket, rate)
