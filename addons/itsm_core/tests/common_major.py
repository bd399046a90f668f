from contextlib import contextmanager

from odoo.tests import new_test_user

from odoo.addons.mail.tests.common import MockEmail

from .common import DeskCase


class MajorCase(DeskCase, MockEmail):
    """Two services, their customers, and top management.

    E-mail serves Bluewater, whose key users are Kim and Karl, and Northwind, which
    has none and is told at its own address. The web shop serves Bluewater alone.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._init_mail_gateway()
        cls.lead = new_test_user(
            cls.env,
            "major.lead",
            groups="itsm_core.group_user",
            name="Lea Lead",
            email="lea@example.com",
            notification_type="inbox",
        )
        cls.bluewater = cls._make_customer("Bluewater", "office@bluewater.example.com")
        cls.northwind = cls._make_customer("Northwind", "office@northwind.example.com")
        cls.kim = cls._make_portal_user("kim", cls.bluewater)
        cls.karl = cls._make_portal_user("karl", cls.bluewater)
        cls.nora = cls._make_portal_user("nora", cls.northwind)
        cls.bluewater.itsm_key_user_ids = cls.kim | cls.karl
        cls.mail_service = cls._make_service("E-mail", cls.bluewater | cls.northwind)
        cls.shop = cls._make_service("Web Shop", cls.bluewater)
        cls.boss = cls.env["res.partner"].create(
            {"name": "Bea Boss", "email": "bea@example.com"}
        )
        cls.env.company.itsm_management_partner_ids = cls.boss
        cls.ticket = cls._make_incident(service_id=cls.mail_service.id)

    @classmethod
    def _make_customer(cls, name, email):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "email": email,
                "is_company": True,
                "is_itsm_customer": True,
            }
        )

    @classmethod
    def _make_portal_user(cls, login, customer):
        return new_test_user(
            cls.env,
            f"major.{login}",
            groups="base.group_portal",
            name=login.title(),
            email=f"{login}@example.com",
            parent_id=customer.id,
        )

    @classmethod
    def _make_service(cls, name, customers=None, **values):
        return cls.env["itsm.service"].create(
            {
                "name": name,
                "class_id": cls.env["itsm.ci.class"]
                .search([("is_service", "=", True)], limit=1)
                .id,
                "customer_ids": [(6, 0, customers.ids if customers else [])],
                **values,
            }
        )

    @classmethod
    def _make_incident(cls, **values):
        return cls.env["helpdesk.ticket"].create(
            {
                "name": "No mail arrives",
                "description": "<p>Since nine.</p>",
                "team_id": cls.team.id,
                "partner_id": cls.caller.id,
                **values,
            }
        )

    def _declare(self, tickets=None, **values):
        (self.ticket if tickets is None else tickets).with_user(
            self.manager
        )._declare_major(self.lead, **{"reason": "Everybody waits", **values})

    def _announce(self, services=None, body="No mail since nine."):
        """Publish an announcement of the ticket for each service."""
        announcements = self.env["itsm.announcement"].create(
            [
                {"ticket_id": self.ticket.id, "service_id": service.id, "body": body}
                for service in services or self.mail_service
            ]
        )
        announcements.with_user(self.lead).action_publish()
        return announcements

    def _resolve_major(self):
        self._resolve(self.ticket.with_user(self.agent))

    def _record_review(self, ticket=None):
        ticket = (ticket or self.ticket).with_user(self.lead)
        ticket.write(
            {
                "major_review_summary": "A disk was full.",
                "major_review_cause": "Logs were kept for ever.",
                "major_review_well": "Found in ten minutes.",
                "major_review_badly": "Told customers late.",
            }
        )
        ticket.action_record_major_review()

    @contextmanager
    def _assert_refused(self, error, text):
        """Check that a block is refused with a sentence, and undo what it did."""
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), text)

    def _sent(self, function, *args, **kwargs):
        """Return ``{address: subject}`` of what a call and the mail queue send.

        Fails where one mail shows more than one address, or an address gets two.
        """
        self.env["mail.mail"].sudo().search([]).unlink()
        with self.mock_mail_gateway(mail_unlink_sent=True):
            function(*args, **kwargs)
            self.env["mail.mail"].sudo().process_email_queue()
        result = {}
        for mail in self._mails:
            self.assertEqual(len(mail["email_to"]), 1, mail["email_to"])
            self.assertFalse(mail["email_cc"])
            self.assertNotIn("X-Msg-To-Add", mail["headers"])
            address = mail["email_to"][0]
            self.assertNotIn(address, result, "Mailed twice")
            result[address] = mail["subject"]
        return result
