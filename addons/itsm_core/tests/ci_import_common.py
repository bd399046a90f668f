import base64
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, new_test_user

from .refusal_case import RefusalCase

EXAMPLES = Path(__file__).parents[1] / "static" / "examples"


class CiImportCase(RefusalCase, TransactionCase):
    """Imports files of items and relations as a process manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "cii_manager", "itsm_core.group_manager", email="m@example.com"
        )
        cls.Import = cls.env["itsm.ci.import"].with_user(cls.manager)
        cls.Ci = cls.env["itsm.ci"].with_context(active_test=False)
        cls.server = cls.env.ref("itsm_core.ci_class_server")
        cls.workstation = cls.env.ref("itsm_core.ci_class_workstation")

    def open(self, content, kind="item", read=True, **values):
        """Return an import of a file, its columns read."""
        if isinstance(content, str):
            content = content.encode()
        run = self.Import.create(
            {
                "data": base64.b64encode(content),
                "file_name": "list.csv",
                "kind": kind,
                **values,
            }
        )
        if read:
            run.action_read()
        return run

    def check(self, content, kind="item", **values):
        """Return an import with its preview."""
        run = self.open(content, kind, **values)
        run.action_check()
        return self.drive(run)

    def load(self, content, kind="item", **values):
        """Return an import that is done."""
        run = self.check(content, kind, **values)
        run.action_import()
        return self.drive(run)

    def drive(self, run):
        """Do what the browser does."""
        while run.load_next()["state"] in ("checking", "running"):
            pass
        return run

    def lines(self, run, kind="item"):
        return self.env["itsm.ci.import.line"].search(
            [("import_id", "=", run.id), ("kind", "=", kind)]
        )

    def outcomes(self, run, kind="item"):
        return self.lines(run, kind).mapped("outcome")

    def find(self, name):
        return self.Ci.search([("name", "=", name)])

    def make(self, name, **values):
        return self.Ci.create({"name": name, "class_id": self.server.id, **values})

    def refused(self, content, kind="item", **values):
        """Return the reason for which the only row of a file is refused."""
        line = self.lines(self.check(content, kind, **values), kind)
        self.assertEqual(line.mapped("outcome"), ["refused"], line.mapped("changes"))
        return line.message

    def refuses(self, pattern, method, exception=UserError):
        """Call what has to be refused."""
        with self.assertRefused(pattern, exception):
            method()
