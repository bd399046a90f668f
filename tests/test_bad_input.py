"""What makes no sense is refused in plain words, whatever the field of a change."""

from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.models import MAGIC_COLUMNS
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from tests.test_access_matrix import MAKERS

ROOMS = (
    "itsm.change",
    "itsm.deployment",
    "itsm.environment",
    "itsm.release",
    "itsm.risk",
    "itsm.transition",
)
ABSURD = {
    "integer": (-1, -(10**12), 2**31, 10**12),
    "float": (-1.0, -1e300, 1e300),
    "monetary": (-1.0, -1e300, 1e300),
    "date": (date.min, date.max),
    "datetime": (datetime.min, datetime.max.replace(microsecond=0)),
    "char": (" ", "x" * 100_000, "%s %(a)s {0} {number} <b>"),
    "text": (" ", "x" * 1_000_000, "%s %(a)s {0} {number} <b>"),
    "html": ("", "<p>" + "x" * 1_000_000 + "</p>", "<script>alert(1)</script>"),
}
#: Given by the suite, or by dragging rows.
NEVER_TYPED = {*MAGIC_COLUMNS, "sequence"}
#: What people are told in words: of a constraint of the database, its own.
REFUSALS = (AccessError, UserError, IntegrityError)


class _Taken(Exception):
    """The value was taken: what it did is rolled back."""


@tagged("post_install", "-at_install")
class TestBadInput(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.env.user.company_ids |= cls.company
        cls.insider = new_test_user(
            cls.env,
            "inside",
            groups="itsm_core.group_manager",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )

    def _try(self, record, name, value):
        """Write a value, store it and read the record as a form does."""
        shown = [
            field.name for field in record._fields.values() if field.type != "binary"
        ]
        try:
            with self.cr.savepoint():
                record.write({name: value})
                self.env.flush_all()
                self.env.invalidate_all()
                record.read(shown)
                raise _Taken
        except (_Taken, *REFUSALS):
            pass
        finally:
            self.env.invalidate_all(flush=False)

    @mute_logger("odoo.sql_db")
    def test_absurd_values_are_taken_or_refused_in_plain_words(self):
        tried = 0
        for model, maker in MAKERS.items():
            if not model.startswith(ROOMS) or not self.env[model]._auto:
                continue
            record = maker(self, self.company)[:1]
            self.env.flush_all()
            for field in record._fields.values():
                if not field.store or field.related or field.compute:
                    continue
                if field.name in NEVER_TYPED:
                    continue
                for value in ABSURD.get(field.type, ()):
                    with self.subTest(f"{model}.{field.name}", value=str(value)[:30]):
                        self._try(record, field.name, value)
                        tried += 1
        self.assertGreater(tried, 300)
