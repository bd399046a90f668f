from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..hooks import _revoke_file_tokens
from .common_access import AccessCase

#: The ways in which a client asks for tickets. Each returns ids of tickets.
LISTING_DOORS = {
    "search": lambda model: model.search([]).ids,
    "search_read": lambda model: [row["id"] for row in model.search_read([], ["name"])],
    "web_search_read": lambda model: [
        row["id"]
        for row in model.web_search_read([], {"name": {}, "stage_id": {}})["records"]
    ],
    "name_search": lambda model: [row[0] for row in model.name_search("")],
    "search by number": lambda model: model.search([("number", "ilike", "HT")]).ids,
    "search by customer": lambda model: (
        model.search([("customer_id", "!=", False)]).ids
    ),
    "formatted_read_group": lambda model: [
        ticket
        for group in model.formatted_read_group(
            [], ["stage_id"], ["id:array_agg", "__count"]
        )
        for ticket in group["id:array_agg"]
    ],
    "web_read_group": lambda model: [
        record["id"]
        for group in model.web_read_group(
            [], ["stage_id"], auto_unfold=True, unfold_read_specification={"name": {}}
        )["groups"]
        for record in group.get("__records", [])
    ],
    "from the requester": lambda model: [
        ticket
        for partner in model.env["res.partner"].search([])
        for ticket in partner.helpdesk_ticket_ids.ids
    ],
    "from the messages": lambda model: (
        model.env["mail.message"]
        .search([("model", "=", "helpdesk.ticket"), ("author_id", "!=", False)])
        .mapped("res_id")
    ),
}

#: The ways in which a client asks for one ticket whose number it guessed.
GUESSING_DOORS = {
    "read": lambda ticket: ticket.read(["name"]),
    "web_read": lambda ticket: ticket.web_read({"name": {}, "partner_id": {}}),
    "export_data": lambda ticket: ticket.export_data(["id", "name"]),
    "field": lambda ticket: ticket.name,
    "display_name": lambda ticket: ticket.display_name,
    "copy": lambda ticket: ticket.copy_data(),
    "get_portal_url": lambda ticket: ticket.get_portal_url(),
    "message_post": lambda ticket: ticket.message_post(
        body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment"
    ),
}


@tagged("post_install", "-at_install")
class TestTicketAccess(AccessCase):
    def _as(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.ticket.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )

    # ------------------------------------------------------------------
    # Who sees a ticket
    # ------------------------------------------------------------------

    def test_those_who_take_part_find_the_ticket_by_every_door(self):
        for user in (self.anna, self.kim, self.agent, self.manager, self.auditor):
            for door, ask in LISTING_DOORS.items():
                if door == "from the requester" and user == self.kim:
                    continue  # a contact's tickets are the contact's
                with self.subTest(user=user.name, door=door):
                    self.assertIn(self.ticket.id, ask(self._as(user).browse()))

    def test_nobody_else_finds_the_ticket_by_any_door(self):
        for user in (self.ben, self.nora, self.employee, self.other_agent):
            for door, ask in LISTING_DOORS.items():
                with self.subTest(user=user.name, door=door):
                    self.assertNotIn(self.ticket.id, ask(self._as(user).browse()))
            for door, ask in GUESSING_DOORS.items():
                with (
                    self.subTest(user=user.name, door=door),
                    mute_logger("odoo.addons.base.models.ir_rule"),
                    self.assertRaises(UserError),  # also where exports are not allowed
                ):
                    ask(self._as(user))

    @mute_logger("odoo.addons.base.models.ir_access", "odoo.models")
    def test_public_finds_nothing_by_any_door(self):
        public = self.env.ref("base.public_user")
        for door, ask in {**LISTING_DOORS, **GUESSING_DOORS}.items():
            with self.subTest(door=door):
                try:
                    found = ask(self._as(public))
                except UserError:
                    continue
                self.assertFalse(found)

    def test_affected_person_and_follower_see_the_ticket(self):
        self.assertNotIn(self.ticket, self._as(self.ben).search([]))
        self.ticket.affected_partner_id = self.ben.partner_id
        self.assertIn(self.ticket, self._as(self.ben).search([]))
        self.ticket.affected_partner_id = False
        self.assertNotIn(self.ticket, self._as(self.ben).search([]))
        self.ticket.message_subscribe(self.nora.partner_id.ids)
        self.assertIn(self.ticket, self._as(self.nora).search([]))
        self.ticket.message_unsubscribe(self.nora.partner_id.ids)
        self.assertNotIn(self.ticket, self._as(self.nora).search([]))

    def test_following_company_does_not_show_the_ticket_to_its_people(self):
        self.ticket.message_subscribe(self.northwind.ids)
        self.assertNotIn(self.ticket, self._as(self.nora).search([]))

    def test_affected_employee_sees_the_ticket_and_changes_nothing(self):
        self.ticket.affected_partner_id = self.employee.partner_id
        self.assertEqual(self._as(self.employee).name, "Scanner is dead")
        with self.assertRaises(AccessError):
            self._as(self.employee).name = "Mine"

    def test_key_user_sees_at_once_and_no_longer_than_named(self):
        self.assertIn(self.ticket, self._as(self.kim).search([]))
        self.bluewater.itsm_key_user_ids = self.ben
        self.assertNotIn(self.ticket, self._as(self.kim).search([]))
        self.assertIn(self.ticket, self._as(self.ben).search([]))

    def test_key_user_sees_nothing_of_another_company(self):
        ticket = self._make_ticket(
            self.anna.partner_id, company_id=self.other_company.id
        )
        self.assertEqual(ticket.customer_id, self.bluewater)
        for user in (self.kim, self.anna, self.agent, self.auditor):
            with self.subTest(user.name):
                self.assertNotIn(ticket, self._as(user).search([]))

    def test_archived_tickets_are_judged_alike(self):
        self.ticket.active = False
        self.assertEqual(self._as(self.anna).name, "Scanner is dead")
        with self.assertRaises(AccessError):
            self._as(self.ben).read(["name"])

    # ------------------------------------------------------------------
    # What customers see of it
    # ------------------------------------------------------------------

    def test_customers_read_listed_fields_only(self):
        ticket = self._as(self.anna)
        allowed = ticket._get_portal_fields()
        self.assertLessEqual(set(ticket.fields_get()), allowed)
        self.assertLessEqual(set(ticket.read()[0]), allowed)
        closed = set(ticket._fields) - allowed
        self.assertIn("access_token", closed)
        for name in sorted(closed):
            with (
                self.subTest(name),
                mute_logger("odoo.orm.models", "odoo.models"),
                self.assertRaises(AccessError),
            ):
                ticket.read([name])

    @mute_logger("odoo.orm.models", "odoo.models")
    def test_customers_do_not_search_what_they_may_not_read(self):
        for name in ("access_token", "user_id", "email_cc", "kanban_state"):
            with self.subTest(name), self.assertRaises(AccessError):
                self._as(self.anna).search([(name, "!=", False)])
            with self.subTest(name), self.assertRaises(AccessError):
                self._as(self.anna).search([], order=name)

    def test_customers_write_nothing(self):
        for user in (self.anna, self.kim):
            with self.subTest(user.name), self.assertRaises(AccessError):
                self._as(user).write({"name": "Mine"})
            with self.subTest(user.name), self.assertRaises(AccessError):
                self._as(user).create({"name": "Mine", "description": "Mine"})
            with self.subTest(user.name), self.assertRaises(AccessError):
                self._as(user).unlink()

    def test_customers_see_no_stage_team_or_category(self):
        team = self.env["helpdesk.ticket.team"].create({"name": "Second Line"})
        category = self.env["helpdesk.ticket.category"].create({"name": "Hardware"})
        for record in (self.ticket.stage_id, team, category):
            model = record.with_user(self.anna).browse()
            with self.subTest(record._name):
                self.assertFalse(model.search([]))
                with self.assertRaises(AccessError):
                    model.browse(record.id).read(["name"])

    def test_public_group_writes_no_stage(self):
        public = self.env.ref("base.public_user")
        stage = self.ticket.stage_id.with_user(public)
        self.assertFalse(stage.browse().has_access("write"))
        with self.assertRaises(AccessError):
            stage.write({"name": "Defaced"})
        access = self.env.ref("helpdesk_mgmt.access_helpdesk_ticket_stage_public")
        self.assertFalse(access.perm_write)

    # ------------------------------------------------------------------
    # Chatter
    # ------------------------------------------------------------------

    def test_customers_read_replies_and_no_internal_message(self):
        messages = self.env["mail.message"].with_user(self.anna)
        self._as(self.anna)
        self.assertEqual(messages.browse(self.reply.id).body, self.reply.body)
        for internal in (self.note, self.log):
            with self.subTest(internal.message_type), self.assertRaises(AccessError):
                messages.browse(internal.id).read(["body"])
        found = messages.search([("res_id", "=", self.ticket.id)])
        self.assertIn(self.reply, found)
        self.assertFalse(found & (self.note | self.log))

    @mute_logger("odoo.orm.models", "odoo.models")
    def test_customers_write_no_internal_message_and_rewrite_none(self):
        message = self._as(self.anna).message_post(
            body="Note to self", subtype_xmlid="mail.mt_note"
        )
        self.assertFalse(message.sudo().subtype_id.internal)
        own = (
            self.ticket.with_user(self.anna)
            .sudo()
            .message_post(
                body="Still dead",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        )
        self.assertEqual(own.author_id, self.anna.partner_id)
        own = own.sudo(False)
        for vals in ({"date": "2020-01-01"}, {"is_internal": True}, {"body": "No"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                own.write(vals)
        with self.assertRaises(AccessError):
            own.unlink()

    def test_auditor_leaves_no_trace_on_a_ticket(self):
        ticket = self._as(self.auditor)
        self.assertEqual(ticket.name, "Scanner is dead")
        activity_type = self.env.ref("mail.mail_activity_data_todo")
        attempts = {
            "write": lambda: ticket.write({"name": "Audited"}),
            "create": lambda: ticket.create({"name": "A", "description": "A"}),
            "note": lambda: ticket.message_post(body="Seen"),
            "reply": lambda: ticket.message_post(
                body="Seen", message_type="comment", subtype_xmlid="mail.mt_comment"
            ),
            "activity": lambda: ticket.activity_schedule(
                activity_type_id=activity_type.id, user_id=self.auditor.id
            ),
            "follow": lambda: ticket.message_subscribe(self.auditor.partner_id.ids),
            "add follower": lambda: ticket.message_subscribe(self.ben.partner_id.ids),
            "file": lambda: ticket.env["ir.attachment"].create(
                {"name": "a", "res_model": ticket._name, "res_id": ticket.id}
            ),
            "later message": lambda: ticket.env["mail.scheduled.message"].create(
                {
                    "model": ticket._name,
                    "res_id": ticket.id,
                    "body": "Later",
                    "scheduled_date": "2100-01-01",
                    "author_id": self.auditor.partner_id.id,
                }
            ),
            "link": ticket.get_portal_url,
            "token": lambda: ticket.read(["access_token"]),
            "stage": lambda: ticket.stage_id.write({"name": "Audited"}),
            "edit message": lambda: self.reply.with_user(self.auditor).write(
                {"body": "Audited"}
            ),
        }
        followers = self.ticket.message_follower_ids
        for name, attempt in attempts.items():
            with (
                self.subTest(name),
                mute_logger("odoo.addons.base.models.ir_rule", "odoo.orm.models"),
                self.assertRaises(AccessError),
            ):
                attempt()
        self.assertEqual(self.ticket.message_follower_ids, followers)

    def test_auditor_who_raised_a_ticket_takes_part_in_it(self):
        ticket = self._make_ticket(self.auditor.partner_id).with_user(self.auditor)
        message = ticket.message_post(
            body="It is my laptop",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.assertEqual(message.author_id, self.auditor.partner_id)
        with self.assertRaises(AccessError):
            ticket.name = "Mine"

    def test_portal_link_is_made_for_whom_the_ticket_concerns(self):
        for user in (self.anna, self.kim, self.agent):
            with self.subTest(user.name):
                self.assertIn("access_token=", self._as(user).get_portal_url())

    def test_install_makes_links_to_internal_files_useless(self):
        """helpdesk_mgmt gave every file of a ticket a link that works for ever."""
        shown = self.note.attachment_ids.copy({"name": "shown.png"})
        files = self.note.attachment_ids | self.reply.attachment_ids | shown
        files.generate_access_token()
        self.note.write(
            {
                "attachment_ids": [Command.link(shown.id)],
                "body": f"<img src='/web/image/{shown.id}"
                f"?access_token={shown.access_token}'/>",
            }
        )
        secret = self.note.attachment_ids - shown
        kept = {file: file.access_token for file in files - secret}
        self.assertTrue(secret.access_token)
        self.env.flush_all()
        _revoke_file_tokens(self.env)
        self.env.invalidate_all()
        self.assertFalse(secret.access_token)
        for file, token in kept.items():
            with self.subTest(file.name):
                self.assertEqual(file.access_token, token)

    # ------------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------------

    def test_checking_many_tickets_costs_no_query_each(self):
        tickets = self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"T{number}",
                    "description": "x",
                    "partner_id": self.anna.partner_id.id,
                }
                for number in range(60)
            ]
        )
        costs = []
        for count in (5, 5, 60):  # the first one fills the caches of the registry
            batch = self._as(self.kim).browse(tickets[:count].ids)
            start = self.env.cr.sql_log_count
            batch.check_access("read")
            costs.append(self.env.cr.sql_log_count - start)
        self.assertEqual(costs[1], costs[2])
        self.assertLessEqual(costs[2], 8)

    def test_sees_all_tickets_of_the_customers_one_is_key_user_of(self):
        self.northwind.itsm_key_user_ids = [Command.link(self.kim.id)]
        other = self._make_ticket(self.nora.partner_id)
        self.assertEqual(self._as(self.kim).search([]), self.ticket | other)

    def test_no_context_leaves_a_change_without_a_record(self):
        for key, values in (
            ("tracking_disable", {"impact": "1"}),
            ("mail_notrack", {"ticket_type": "request"}),
        ):
            self.ticket.with_user(self.agent).with_context(**{key: True}).write(values)
            self.env.cr.flush()
            tracked = self.ticket.message_ids.tracking_value_ids.field_id
            with self.subTest(key):
                self.assertLessEqual(values.keys(), set(tracked.mapped("name")))
