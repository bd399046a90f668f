import base64
import hashlib

from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from odoo.exceptions import UserError, ValidationError
from odoo.tests import TransactionCase, tagged

from ..tools.checksum import compute_checksum, normalize_checksum
from .common_software import SoftwareCase

CONTENT = b"The master copy"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
FILE = base64.b64encode(CONTENT)


@tagged("post_install", "-at_install")
class TestChecksum(TransactionCase):
    @given(st.binary())
    def test_a_checksum_reads_the_same_in_any_writing(self, content):
        digest = compute_checksum(content)
        spaced = " ".join(digest[at : at + 8].upper() for at in range(0, 64, 8))
        self.assertEqual(normalize_checksum(spaced), digest)

    @given(st.text(max_size=70))
    def test_other_text_is_no_checksum(self, text):
        digits = [each for each in text if not each.isspace()]
        if len(digits) == 64 and set(digits) <= set("0123456789abcdefABCDEF"):
            return
        with self.assertRaises(ValueError):
            normalize_checksum(text)


@tagged("post_install", "-at_install")
class TestSoftwareVersion(SoftwareCase):
    def test_the_checksum_of_a_file_is_taken_from_it(self):
        self.assertEqual(self._make_version(master_file=FILE).checksum, DIGEST)
        version = self._make_version("1.1")
        version.master_file = FILE
        self.assertEqual(version.checksum, DIGEST)

    def test_a_file_that_is_not_the_one_of_the_checksum_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "not the master copy"):
            self._make_version(master_file=FILE, checksum="0" * 64)
        version = self._make_version("2", checksum="0" * 64, location="//library")
        with self.assertRaisesRegex(ValidationError, "not the master copy"):
            version.master_file = FILE
        version = self._make_version("3", master_file=FILE)
        with self.assertRaisesRegex(ValidationError, "not the master copy"):
            version.checksum = "1" * 64

    def test_a_file_is_taken_over_with_its_checksum_where_that_is_emptied(self):
        version = self._make_version(checksum="0" * 64)
        version.write({"master_file": FILE, "checksum": False})
        self.assertEqual(version.checksum, DIGEST)

    def test_a_checksum_has_64_hexadecimal_digits(self):
        for text in ("abc", "g" * 64, DIGEST + "0"):
            with self.subTest(text), self.assertRaisesRegex(UserError, "64 digits"):
                self._make_version(checksum=text)
        version = self._make_version(checksum=f" {DIGEST.upper()} ")
        self.assertEqual(version.checksum, DIGEST)

    def test_only_what_is_in_the_library_is_released(self):
        version = self._make_version().with_user(self.manager)
        with self.assertRaisesRegex(UserError, "SHA-256"):
            version.action_set_state("released")
        version.write({"checksum": DIGEST, "location": "//library/1.0"})
        with freeze_time("2025-03-01 12:00:00"):
            version.action_set_state("released")
        self.assertEqual(str(version.release_date), "2025-03-01")

    def test_a_released_master_copy_stays_as_it_is(self):
        version = self._make_version(master_file=FILE)
        version._set_state("released")
        for name, value in (
            ("checksum", "0" * 64),
            ("master_file", base64.b64encode(b"Another")),
            ("location", "elsewhere"),
            ("name", "9"),
        ):
            with self.subTest(name), self.assertRaises(UserError):
                version[name] = value
            self.env.invalidate_all()
        version.end_of_support = "2030-01-01"

    def test_withdrawn_versions_never_come_back(self):
        version = self._make_version(master_file=FILE)
        version._set_state("withdrawn")
        with self.assertRaisesRegex(UserError, "final"):
            version._set_state("released")
        with self.assertRaises(UserError):
            version.write({"state": "released"})

    def test_versions_that_were_more_than_a_plan_are_kept(self):
        version = self._make_version(master_file=FILE)
        self._install(self.laptop, version_id=version.id)
        with self.assertRaisesRegex(UserError, "referred to by"):
            version.unlink()
        spare = self._make_version("2")
        spare.unlink()
        self.assertFalse(spare.exists())

    @freeze_time("2025-06-01 12:00:00")
    def test_installations_of_withdrawn_and_unsupported_versions_are_listed(self):
        old, current, bad, new = (
            self._make_version(name, master_file=FILE)
            for name in ("old", "current", "bad", "new")
        )
        (old | current | bad)._set_state("released")
        bad._set_state("withdrawn")
        old.end_of_support = "2025-05-31"
        current.end_of_support = "2025-06-01"
        everywhere = {
            version.name: self._install(
                self._make_item(version.name), version_id=version.id
            )
            for version in old | current | bad | new
        }
        gone = self._install(self.laptop, "2025-01-01", "2025-02-01", version_id=bad.id)
        installations = self.software.installation_ids
        self.assertEqual(len(installations), 5)
        domain = [("software_id", "=", self.software.id), ("has_problem", "=", True)]
        found = installations.search(domain)
        self.assertEqual(found, everywhere["old"] | everywhere["bad"])
        self.assertEqual(found, installations.filtered("has_problem"))
        self.assertEqual(everywhere["old"].problem, "unsupported")
        self.assertEqual(everywhere["bad"].problem, "withdrawn")
        self.assertEqual(everywhere["new"].problem, "test")
        self.assertFalse(everywhere["current"].problem)
        self.assertFalse(gone.problem)
        self.assertEqual(bad.installation_count, 1)

    def test_a_version_belongs_to_its_software(self):
        other = self._make_software("Other")
        version = self._make_version()
        with self.assertRaisesRegex(ValidationError, "is no version of"):
            self._install(self.laptop, software_id=other.id, version_id=version.id)
        self._install(self.laptop, version_id=version.id)
        with self.assertRaisesRegex(ValidationError, "is no version of"):
            version.software_id = other

    def test_installations_are_imported_by_names(self):
        self._make_version("5.1")
        result = (
            self.env["itsm.software.installation"]
            .with_user(self.manager)
            .load(
                ["ci_id", "software_id", "version_id", "date_from"],
                [["lt-1", "Freight Client", "Freight Client 5.1", "2025-01-01"]],
            )
        )
        self.assertEqual(result["messages"], [])
        installation = self.software.installation_ids
        self.assertEqual(installation.version_id.name, "5.1")
        self.assertEqual(installation.ci_id, self.laptop)

    def test_many_installations_take_no_more_queries_each(self):
        items = [self._make_item(f"many {number}") for number in range(60)]

        def count(some):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["itsm.software.installation"].create(
                [{"software_id": self.software.id, "ci_id": item.id} for item in some]
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(items[:5])
        few = count(items[5:10])
        self.assertLessEqual(count(items[10:]), few + 2)
