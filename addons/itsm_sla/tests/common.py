from contextlib import contextmanager

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user


class SlaCase(TransactionCase):
    """An agreement, a team, a customer, and helpers that the tests share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(
            cls.env, "sla.agent", groups="itsm_core.group_user", tz="UTC"
        )
        cls.manager = new_test_user(
            cls.env,
            "sla.manager",
            groups="itsm_sla.group_service_level_manager",
            tz="UTC",
        )
        cls.auditor = new_test_user(
            cls.env, "sla.auditor", groups="itsm_core.group_auditor", tz="UTC"
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Bluewater", "is_company": True, "is_itsm_customer": True}
        )
        cls.caller = cls.env["res.partner"].create(
            {
                "name": "Bea Buyer",
                "email": "bea@example.com",
                "parent_id": cls.customer.id,
            }
        )
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {"name": "First Line", "user_ids": [(6, 0, cls.agent.ids)]}
        )
        cls.other_team = cls.env["helpdesk.ticket.team"].create(
            {"name": "Second Line", "user_ids": [(6, 0, cls.manager.ids)]}
        )
        cls.service, cls.other_service = cls.env["itsm.service"].create(
            [{"name": "Web Shop"}, {"name": "E-mail"}]
        )
        cls.office = cls.env["resource.calendar"].create(
            {
                "name": "Office hours",
                "tz": "Europe/Berlin",
                "attendance_ids": [(5, 0, 0)]
                + [
                    (
                        0,
                        0,
                        {
                            "name": "Day",
                            "dayofweek": str(day),
                            "hour_from": 8,
                            "hour_to": 18,
                            "day_period": "full_day",
                        },
                    )
                    for day in range(5)
                ],
            }
        )
        cls.solved = cls.env.ref("itsm_core.resolution_solved")

    def _create_agreement(self, targets=(), active=True, **values):
        """Return an agreement in force since 2020 with targets given as dicts."""
        agreement = self.env["itsm.agreement"].create(
            {
                "name": "Standard",
                "date_start": "2020-01-01",
                "accepted_by": "Tom Fenwick",
                "accepted_date": "2019-12-01",
                "target_ids": [(0, 0, {"hours": 4, **target}) for target in targets]
                or [(0, 0, {"hours": 4})],
                **values,
            }
        )
        if active:
            agreement._set_state("negotiation")
            agreement._set_state("active")
        return agreement

    @contextmanager
    def _refused(self, words, error=UserError):
        """Expect an error in these words, and go on as if nothing had happened."""
        with self.assertRaisesRegex(error, words), self.cr.savepoint():
            yield

    def _create_ticket(self, **values):
        return self.env["helpdesk.ticket"].create(
            {
                "name": "Scanner does not start",
                "description": "<p>It stays dark.</p>",
                "team_id": self.team.id,
                "partner_id": self.caller.id,
                "service_id": self.service.id,
                **values,
            }
        )

    def _resolve(self, tickets):
        tickets._itsm_move(
            "resolved", resolution_code_id=self.solved.id, resolution="Cable replaced."
        )

    def _clocks(self, ticket):
        return self.env["itsm.sla.clock"].search([("ticket_id", "in", ticket.ids)])

    def _answer(self, ticket):
        """Have the agent write to the customer, now by the frozen clock."""
        message = ticket.with_user(self.agent).message_post(
            body="We look at it.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        # The server dates messages by the transaction, which does not freeze.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET create_date = %s WHERE id = %s",
            [fields.Datetime.now(), message.id],
        )
        ticket._recompute_contacts(ticket.ids)
        self.env["itsm.sla.clock"]._mark(ticket.ids)
