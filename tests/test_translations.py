"""The translation templates say what the add-ons say."""

import io

from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

from tools.addons import Addons
from tools.translations import without_dates
from tools.workspace import Workspace


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    def test_the_template_of_each_add_on_is_current(self):
        own = Addons(Workspace.current().addons).own
        for name, path in own.items():
            if not get_module_path(name) or name not in self.registry._init_modules:
                continue
            with self.subTest(name):
                file = path / "i18n" / f"{name}.pot"
                self.assertTrue(file.is_file(), "Run ./itsm i18n")
                buffer = io.BytesIO()
                trans_export(False, [name], buffer, "po", self.env)
                self.assertEqual(
                    _terms(buffer.getvalue().decode()),
                    _terms(file.read_text(encoding="utf-8")),
                    "Run ./itsm i18n",
                )


def _terms(text):
    """Return the entries of a template; where they stand may differ."""
    entries = without_dates(text).split("\n\n")[1:]
    return {
        "\n".join(line for line in entry.splitlines() if not line.startswith("#"))
        for entry in entries
        if entry.strip()
    }
