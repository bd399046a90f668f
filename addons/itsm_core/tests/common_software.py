from odoo.tests import TransactionCase, new_test_user


class SoftwareCase(TransactionCase):
    """Software, items to install it on, and those who may look or change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent, cls.manager, cls.auditor = (
            new_test_user(
                cls.env,
                f"software.{role}",
                groups=f"itsm_core.group_{role},base.group_allow_export",
            )
            for role in ("user", "manager", "auditor")
        )
        cls.server_class = cls.env.ref("itsm_core.ci_class_server")
        cls.software = cls._make_software("Freight Client")
        cls.licence = cls._make_item(
            "Freight contract", class_id=cls.env.ref("itsm_core.ci_class_licence").id
        )
        cls.laptop = cls._make_item("lt-1")

    @classmethod
    def _make_software(cls, name, **values):
        return cls.env["itsm.software"].create(
            {"name": name, "owner_id": cls.manager.id, **values}
        )

    @classmethod
    def _make_item(cls, name, **values):
        return cls.env["itsm.ci"].create(
            {"name": name, "class_id": cls.server_class.id, **values}
        )

    def _entitle(self, quantity, date_from="2020-01-01", date_to=False, **values):
        return self.env["itsm.licence.entitlement"].create(
            {
                "software_id": self.software.id,
                "licence_id": self.licence.id,
                "quantity": quantity,
                "date_from": date_from,
                "date_to": date_to,
                **values,
            }
        )

    def _install(self, item, date_from="2020-01-01", date_to=False, **values):
        return self.env["itsm.software.installation"].create(
            {
                "software_id": self.software.id,
                "ci_id": item.id,
                "date_from": date_from,
                "date_to": date_to,
                **values,
            }
        )

    def _make_version(self, name="1.0", **values):
        return self.env["itsm.software.version"].create(
            {"software_id": self.software.id, "name": name, **values}
        )
