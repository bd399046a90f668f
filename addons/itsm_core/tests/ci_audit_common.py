from odoo.tests import TransactionCase, new_test_user

from .refusal_case import RefusalCase


class CiAuditCase(RefusalCase, TransactionCase):
    """Three laptops in a depot, one elsewhere, and an audit of the depot."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.agent, cls.manager, cls.boss, cls.auditor = (
            new_test_user(
                cls.env, f"audit_{name}", f"itsm_core.group_{role}", name=name
            )
            for name, role in (
                ("Ada Agent", "user"),
                ("Max Manager", "manager"),
                ("Bea Boss", "manager"),
                ("Ann Auditor", "auditor"),
            )
        )
        cls.laptop = cls.env.ref("itsm_core.ci_class_end_user_device")
        cls.carla = cls.env["res.partner"].create({"name": "Carla Clerk"})
        cls.paul = cls.env["res.partner"].create({"name": "Paul Porter"})
        cls.first, cls.second, cls.third = cls._make_items(
            ("lap-1", "SN-1"),
            ("lap-2", "SN-2"),
            ("lap-3", "SN-3"),
            location="Depot, gate 1",
            user_partner_id=cls.carla.id,
        )
        [cls.outside] = cls._make_items(("lap-9", "SN-9"), location="Head office")
        cls.first.asset_tag = "TAG-1"

    @classmethod
    def _make_items(cls, *pairs, state="in_use", **values):
        items = cls.env["itsm.ci"].create(
            [
                {
                    "name": name,
                    "serial_number": serial,
                    "class_id": cls.laptop.id,
                    **values,
                }
                for name, serial in pairs
            ]
        )
        if state != "planned":
            items._load_state(state)
        return items

    def _make_audit(self, start=True, **values):
        audit = (
            self.env["itsm.ci.audit"]
            .with_user(self.manager)
            .create(
                {
                    "name": "Depot",
                    "scope": "location",
                    "location": "Depot",
                    **values,
                }
            )
        )
        if start:
            audit.action_set_state("in_progress")
        return audit

    def _scan(self, audit, *codes, user=None, location=False):
        """Return the outcomes of scans, one after the other."""
        audit = audit.with_user(user or self.agent)
        return [audit.record_scan(code, location)["outcome"] for code in codes]

    def _find(self, audit, code, user=None, **values):
        return (
            self.env["itsm.ci.audit.finding"]
            .with_user(user or self.agent)
            .create({"audit_id": audit.id, "code": code, **values})
        )

    def _differences(self, audit):
        """Return ``{(kind, name, field, expected, found)}``."""
        return {
            (row.kind, row.name, row.field_label, row.expected or "", row.found or "")
            for row in audit.difference_ids
        }
