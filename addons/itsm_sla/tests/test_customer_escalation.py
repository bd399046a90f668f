from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .complaint_common import ComplaintCase


@tagged("post_install", "-at_install")
class TestCustomerEscalation(ComplaintCase):
    """A customer can ask for somebody higher up, level by level."""

    def _escalate(self, ticket, reason="Nobody answers"):
        ticket.sudo()._portal_escalate(reason, self.caller)

    def _activities(self, ticket):
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", "helpdesk.ticket"),
                ("res_id", "=", ticket.id),
                (
                    "activity_type_id",
                    "=",
                    self.env.ref("itsm_sla.activity_customer_escalation").id,
                ),
            ]
        )

    def test_it_goes_up_level_by_level_and_says_so(self):
        complaint = self._complain()
        for level, user in enumerate((self.owner, self.second, self.third), start=1):
            self._escalate(complaint, f"Reason <b>{level}</b>")
            row = complaint.customer_escalation_ids.sorted("level")[-1]
            self.assertEqual((row.level, row.user_id), (level, user))
            self.assertEqual(row.partner_id, self.caller)
            self.assertTrue(row.date and row.deadline)
            activity = self._activities(complaint).filtered(
                lambda own, user=user: own.user_id == user
            )
            self.assertEqual(activity.date_deadline, row.deadline)
            note = complaint.message_ids[0]
            self.assertIn(f"Reason &lt;b&gt;{level}", note.body)
            self.assertEqual(note.author_id, self.caller)
            self.assertTrue(note.subtype_id.internal)
        self.assertEqual(complaint.customer_escalation_level, 3)
        with self._refused("any further"):
            self._escalate(complaint)

    def test_never_to_whom_it_is_about(self):
        complaint = self._complain(
            complaint_user_ids=[(6, 0, (self.owner | self.second).ids)]
        )
        self._escalate(complaint)
        self.assertEqual(complaint.customer_escalation_ids.user_id, self.third)

    def test_where_nobody_is_named_a_manager_hears_the_customer(self):
        self.customer.itsm_relationship_owner_id = False
        self.company.itsm_escalation_second_id = False
        self.company.itsm_escalation_third_id = False
        complaint = self._complain()
        self._escalate(complaint)
        self.assertTrue(
            complaint.customer_escalation_ids.user_id.has_group(
                "itsm_sla.group_service_level_manager"
            )
        )

    def test_a_reason_is_needed(self):
        complaint = self._complain()
        for reason in ("", "x" * 5001):
            with self._refused("why somebody else"):
                self._escalate(complaint, reason)

    def test_only_complaints_that_are_not_over_are_escalated(self):
        with self._refused("any further"):
            self._escalate(self.blamed)
        complaint = self._complain()
        self._resolve(complaint)
        self._escalate(complaint)
        complaint._itsm_move("closed")
        with self._refused("any further"):
            self._escalate(complaint)

    def test_the_desk_finds_what_was_escalated(self):
        complaint, quiet = self._complain(), self._complain()
        self._escalate(complaint)
        found = (
            self.env["helpdesk.ticket"]
            .with_user(self.agent)
            .search(
                [
                    ("customer_escalation_level", ">", 0),
                    ("id", "in", (complaint | quiet).ids),
                ]
            )
        )
        self.assertEqual(found, complaint)

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_nobody_makes_changes_or_deletes_it(self):
        complaint = self._complain()
        self._escalate(complaint)
        row = complaint.customer_escalation_ids
        for user in (
            self.agent,
            self.third,
            self.auditor,
            self.env.ref("base.user_admin"),
        ):
            own = row.with_user(user)
            for door in (
                lambda own=own: own.write({"reason": "Nothing"}),
                lambda own=own: own.unlink(),
                lambda own=own: own.create({"ticket_id": complaint.id}),
                lambda user=user: complaint.with_user(user).write(
                    {"customer_escalation_ids": [(5, 0, 0)]}
                ),
            ):
                with (
                    self.subTest(user.login),
                    self.assertRaises(AccessError),
                    self.cr.savepoint(),
                ):
                    door()
