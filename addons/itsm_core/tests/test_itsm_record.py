from psycopg2.errors import UniqueViolation

from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .refusal_case import RefusalCase


@tagged("post_install", "-at_install")
class TestBatchNumbers(RefusalCase, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Sequence = cls.env["ir.sequence"]

    def _sequence(self, **vals):
        return self.Sequence.create(
            {
                "name": "T",
                "code": "itsm.batch",
                "prefix": "B-",
                "suffix": "/x",
                "padding": 4,
                "company_id": False,
                **vals,
            }
        )

    def _draw(self, count):
        return self.Sequence._next_batch_by_code("itsm.batch", count)

    def test_a_batch_continues_where_single_numbers_stopped_and_back(self):
        for implementation in ("standard", "no_gap"):
            with self.subTest(implementation):
                sequence = self._sequence(implementation=implementation)
                self.assertEqual(sequence.next_by_id(), "B-0001/x")
                self.assertEqual(self._draw(3), ["B-0002/x", "B-0003/x", "B-0004/x"])
                self.assertEqual(sequence.next_by_id(), "B-0005/x")
                sequence.unlink()

    def test_a_step_is_kept(self):
        for implementation in ("standard", "no_gap"):
            with self.subTest(implementation):
                sequence = self._sequence(
                    implementation=implementation, number_increment=5, number_next=10
                )
                self.assertEqual(self._draw(2), ["B-0010/x", "B-0015/x"])
                self.assertEqual(sequence.next_by_id(), "B-0020/x")
                sequence.unlink()

    @freeze_time("2026-12-31 12:00:00")
    def test_ranges_of_dates_have_their_own_numbers(self):
        for implementation in ("standard", "no_gap"):
            with self.subTest(implementation):
                sequence = self._sequence(
                    implementation=implementation,
                    use_date_range=True,
                    prefix="%(range_year)s-",
                )
                self.assertEqual(sequence.next_by_id(), "2026-0001/x")
                self.assertEqual(self._draw(2), ["2026-0002/x", "2026-0003/x"])
                with freeze_time("2027-01-01 12:00:00"):
                    self.assertEqual(self._draw(1), ["2027-0001/x"])
                sequence.unlink()

    def test_the_sequence_of_the_company_goes_first(self):
        self._sequence()
        self._sequence(company_id=self.env.company.id, prefix="OWN")
        self._sequence(
            company_id=self.env["res.company"].create({"name": "Other"}).id,
            prefix="OTHER",
        )
        self.assertEqual(self._draw(1), ["OWN0001/x"])

    def test_none_asked_none_given_and_no_sequence_no_number(self):
        self.assertEqual(self._draw(1), [])
        sequence = self._sequence()
        self.assertEqual(self._draw(0), [])
        self.assertEqual(sequence.next_by_id(), "B-0001/x")

    def test_a_batch_costs_as_much_as_one(self):
        for implementation in ("standard", "no_gap"):
            with self.subTest(implementation):
                sequence = self._sequence(implementation=implementation)
                counts = []
                for count in (1, 2, 1000):
                    self.env.invalidate_all()
                    before = self.cr.sql_log_count
                    self.assertEqual(len(self._draw(count)), count)
                    counts.append(self.cr.sql_log_count - before)
                # A cold cache may cost a query or two, a record none.
                self.assertLessEqual(counts[2] - counts[1], 2)
                self.assertLessEqual(counts[2], 5)
                sequence.unlink()


@tagged("post_install", "-at_install")
class TestRecordMixin(RefusalCase, TransactionCase):
    def _create(self, count, **vals):
        vals = {"name": "x", **vals}
        return self.env["itsm.action"].create([dict(vals) for _i in range(count)])

    def test_every_record_gets_its_own_number(self):
        references = self._create(3).mapped("reference")
        self.assertEqual(len(set(references)), 3)
        self.assertTrue(all(ref.startswith("ACT") for ref in references))

    def test_a_number_from_an_older_tool_is_kept(self):
        self.assertEqual(self._create(1, reference="OLD-7").reference, "OLD-7")

    def test_a_default_does_not_give_the_number(self):
        record = self.env["itsm.action"].with_context(default_reference="MINE")
        self.assertTrue(record.create({"name": "x"}).reference.startswith("ACT"))

    def test_a_number_is_given_once_in_a_company(self):
        for company in (self.env.company.id, False):
            record = self._create(1, company_id=company)
            with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
                self._create(1, reference=record.reference, company_id=company)

    def test_a_number_does_not_change(self):
        record = self._create(1)
        record.write({"reference": record.reference})
        with self.assertRefused("stays as it was given"):
            record.reference = "ACT99999"
        self.assertNotEqual(record.copy().reference, record.reference)

    def test_without_a_sequence_there_is_a_plain_message(self):
        self.env.ref("itsm_core.sequence_action").active = False
        with self.assertRefused("create one with the code “itsm.action”"):
            self._create(1)

    def test_records_are_found_by_number_and_by_title(self):
        record = self._create(1, name="Sharpen the saw")
        for term in (record.reference, "Sharpen"):
            self.assertIn(record.id, [r[0] for r in record.name_search(term)])

    def test_creating_a_batch_asks_for_numbers_once(self):
        user = new_test_user(self.env, "rec_agent", "itsm_core.group_user")
        counts = []
        for size in (1, 10, 100):
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.env["itsm.action"].with_user(user).with_context(
                tracking_disable=True
            ).create([{"name": "x"}] * size)
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
        # A cold cache may cost a query or two, a record none.
        self.assertLessEqual(counts[2] - counts[1], 2)
