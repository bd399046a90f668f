from odoo.fields import Command

from odoo.addons.itsm_core.tests.common_access import AccessCase
from odoo.addons.itsm_core.tests.refusal_case import RefusalCase

AUDIENCES = ("staff", "customers", "all")


class KnowledgeCase(RefusalCase, AccessCase):
    """A service of one customer, and articles for each kind of reader."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._make_service(
            "Web Shop",
            is_published=True,
            customer_ids=[Command.set(cls.bluewater.ids)],
        )
        cls.inside = cls._make_service("Hosting inside")
        cls.scanner = cls.env["itsm.ci"].create(
            {
                "name": "secret-scanner",
                "class_id": cls.env.ref("itsm_core.ci_class_printer").id,
                "company_id": cls.company.id,
            }
        )

    def _article(self, audience="staff", user=None, **values):
        return (
            self.env["document.page"]
            .with_user(user or self.agent)
            .create(
                {
                    "name": f"Zanzibar for {audience}",
                    "type": "content",
                    "content": "<p>Turn the <em>key</em> twice.</p>",
                    "itsm_audience": audience,
                    "itsm_owner_id": self.agent.id,
                    "company_id": self.company.id,
                    "itsm_service_ids": [Command.set(self.shop.ids)],
                    **values,
                }
            )
        )

    def _incident(self, **values):
        return self._make_ticket(
            self.anna.partner_id,
            **{"ticket_type": "incident", "name": "Wholly different", **values},
        ).with_user(self.agent)
