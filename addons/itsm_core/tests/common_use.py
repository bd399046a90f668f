from odoo.tests import TransactionCase, new_test_user


class UseCase(TransactionCase):
    """Laptops, people who use them, and those who look after both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.manager, cls.auditor = (
            new_test_user(
                cls.env,
                f"use.{role}",
                groups=f"itsm_core.group_{role},base.group_allow_export",
            )
            for role in ("user", "manager", "auditor")
        )
        cls.anna, cls.ben = cls.env["res.partner"].create(
            [{"name": "Anna Ahlberg"}, {"name": "Ben Bauer"}]
        )
        cls.laptop, cls.phone = cls.env["itsm.ci"].create(
            [
                {
                    "name": name,
                    "class_id": cls.env.ref(f"itsm_core.ci_class_{kind}").id,
                    "owner_id": cls.manager.id,
                }
                for name, kind in (("lt-1", "workstation"), ("ph-1", "mobile"))
            ]
        )
        cls.items = cls.laptop | cls.phone
        cls.items._set_state("in_stock")

    def _get_uses(self, items=None):
        """Return ``(item, person, from, to)`` of uses, oldest first."""
        return [
            (
                use.ci_id.name,
                use.partner_id.name,
                str(use.date_from),
                str(use.date_to) if use.date_to else None,
            )
            for use in (items or self.laptop).use_ids.sorted("id")
        ]
