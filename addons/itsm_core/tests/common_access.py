from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

PORTAL = "base.group_portal"


class AccessCase(TransactionCase):
    """Two customers, two companies, and one person of each kind.

    Anna raised a ticket. Ben is her colleague, Kim the key user of their customer,
    Nora belongs to another customer. Beyond these: an agent, a manager, an auditor
    and an employee of the company, and an agent of another company.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("base.main_company")
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.bluewater = cls._make_customer("Bluewater Foods")
        cls.northwind = cls._make_customer("Northwind Traders")
        cls.anna = cls._make_user("anna", PORTAL, parent_id=cls.bluewater.id)
        cls.ben = cls._make_user("ben", PORTAL, parent_id=cls.bluewater.id)
        cls.kim = cls._make_user("kim", PORTAL, parent_id=cls.bluewater.id)
        cls.nora = cls._make_user("nora", PORTAL, parent_id=cls.northwind.id)
        cls.bluewater.itsm_key_user_ids = cls.kim
        cls.agent = cls._make_user("agent", "itsm_core.group_user")
        cls.manager = cls._make_user("manager", "itsm_core.group_manager")
        cls.auditor = cls._make_user("auditor", "itsm_core.group_auditor")
        cls.employee = cls._make_user(
            "employee", "base.group_user,base.group_allow_export"
        )
        cls.other_agent = cls._make_user(
            "other_agent",
            "itsm_core.group_manager,base.group_allow_export",
            company_id=cls.other_company.id,
            company_ids=[Command.set(cls.other_company.ids)],
        )
        cls.ticket = cls._make_ticket(cls.anna.partner_id, name="Scanner is dead")
        cls.reply = cls.ticket.message_post(
            body="Try this",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("manual.txt", b"Press the button")],
        )
        cls.note = cls.ticket.message_post(
            body="She broke it herself",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            attachments=[("secret.txt", b"Internal")],
        )
        cls.log = cls.ticket.message_post(body="Margin on this customer: none")
        # With what goes out at the end of a transaction: the confirmation.
        cls.env.cr.flush()

    @classmethod
    def _make_customer(cls, name, **values):
        return cls.env["res.partner"].create(
            {"name": name, "is_company": True, "is_itsm_customer": True, **values}
        )

    @classmethod
    def _make_user(cls, login, groups, **values):
        return new_test_user(
            cls.env,
            f"itsm_{login}",
            groups=groups,
            name=login.replace("_", " ").title(),
            email=f"{login}@example.com",
            **values,
        )

    @classmethod
    def _make_ticket(cls, partner, **values):
        return cls.env["helpdesk.ticket"].create(
            {
                "name": "Help",
                "description": "<p>It does not work</p>",
                "partner_id": partner.id,
                "company_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def _make_service(cls, name, live=True, **values):
        company = values.get("company_id", cls.company.id)
        service = cls.env["itsm.service"].create(
            {
                "name": name,
                "class_id": cls.env["itsm.ci.class"]
                .search([("is_service", "=", True)], limit=1)
                .id,
                "company_id": company,
                "owner_id": cls.env.uid,
                "team_id": cls.env["helpdesk.ticket.team"]
                .create({"name": f"Team of {name}", "company_id": company})
                .id,
                **values,
            }
        )
        if live:
            service._load_state("live")
        return service
