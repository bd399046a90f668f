from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, TransactionCase, tagged

from ..models.res_partner_phone import CALLER_KEY
from ..tools.phone import MAX_EXTENSION, endings, is_phone_number, significant_digits

notations = st.text("0123456789 +-/().", max_size=20)


def slow_digits(text):
    """Do the same one character after the other."""
    while "(0)" in text:
        text = text.replace("(0)", "")
    kept = [char for char in text if char in "0123456789"]
    while kept and kept[0] == "0":
        kept.pop(0)
    return "".join(kept)


@tagged("post_install", "-at_install")
class TestPhone(BaseCase):
    @given(notations.filter(lambda text: "00" not in text))
    def test_digits_agree_with_the_slow_way(self, text):
        self.assertEqual(significant_digits(text), slow_digits(text))

    @given(st.text(max_size=20))
    def test_digits_of_any_text_are_digits(self, text):
        self.assertTrue(all(char in "0123456789" for char in significant_digits(text)))
        is_phone_number(text)

    def test_notations_of_one_number_end_alike(self):
        full = significant_digits("+49 (0)30 1234-5")
        self.assertEqual(full, "493012345")
        self.assertEqual(significant_digits("0049 30 12345"), full)
        for short in ("030 12345", "(030) 1234-5", "030/12345"):
            self.assertIn(significant_digits(short), endings(full))

    def test_short_numbers_and_names_are_no_phone_numbers(self):
        for text in ("", None, "12", "000", "Bo Berger", "4th floor", "a@1234.de"):
            self.assertFalse(is_phone_number(text), text)
        for text in ("123", "1234", "+49 301", "030 12 34-5", "(030) 123"):
            self.assertTrue(is_phone_number(text), text)

    @given(st.text("0123456789", max_size=15))
    def test_endings_are_never_short(self, digits):
        found = endings(digits)
        self.assertTrue(all(len(ending) > MAX_EXTENSION for ending in found))
        self.assertTrue(all(digits.endswith(ending) for ending in found))


@tagged("post_install", "-at_install")
class TestFindCaller(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env["res.partner"].create(
            {"name": "Harbour Works", "is_company": True}
        )
        cls.hanna, cls.jonas, cls.piet = cls.env["res.partner"].create(
            [
                {"name": "Hanna Weber", "phone": "+49 30 98765-4"},
                {"name": "Jonas Brandt", "phone": "030 / 98 76 62"},
                {
                    "name": "Piet de Vries",
                    "email": "piet@harbour.example",
                    "parent_id": company.id,
                },
            ]
        )
        cls.callers = cls.env["res.partner"].with_context(**{CALLER_KEY: True})

    def _find(self, text):
        pairs = self.callers.name_search(
            text, domain=[("id", "in", (self.hanna | self.jonas | self.piet).ids)]
        )
        return self.env["res.partner"].browse([pair[0] for pair in pairs])

    def test_caller_is_found_by_any_notation_of_the_number(self):
        for text in ("+49 30 98765-4", "030 987654", "0049-30-987654", "987654"):
            self.assertEqual(self._find(text), self.hanna, text)
        for text in ("+49 30 987662", "030 9876-62", "987662"):
            self.assertEqual(self._find(text), self.jonas, text)

    def test_first_digits_find_all_who_share_them(self):
        self.assertEqual(self._find("030 9876"), self.hanna | self.jonas)

    def test_an_extension_is_the_end_of_a_number(self):
        self.assertEqual(self._find("654"), self.hanna)
        self.assertEqual(self._find("7662"), self.jonas)
        self.assertFalse(self._find("987"))

    def test_first_and_last_name_come_in_any_order(self):
        self.assertEqual(self._find("Weber Hanna"), self.hanna)
        self.assertFalse(self._find("Weber Jonas"))

    def test_caller_is_found_by_name_company_and_mail(self):
        for text in ("de Vries", "harbour", "piet@"):
            self.assertEqual(self._find(text), self.piet, text)

    def test_number_is_followed_when_it_changes(self):
        self.hanna.phone = "+31 20 555 0134"
        self.assertFalse(self._find("987654"))
        self.assertEqual(self._find("020 5550134"), self.hanna)
        self.hanna.phone = False
        self.assertFalse(self._find("5550134"))

    def test_elsewhere_contacts_are_searched_as_ever(self):
        found = self.env["res.partner"].name_search("0049-30-987654")
        self.assertFalse([pair for pair in found if pair[0] == self.hanna.id])

    def test_namesakes_are_told_apart(self):
        name = self.hanna.with_context(
            **{CALLER_KEY: True}, formatted_display_name=True
        ).display_name
        self.assertIn("98765-4", name)
        self.assertNotIn("98765-4", self.hanna.display_name)

    def test_installing_computes_the_same_digits(self):
        numbers = ["+49 (0)30 1234-5", "030 12345", "0049 30", "none", "(00) 12", "000"]
        self.env.cr.execute(
            r"""
            SELECT COALESCE(NULLIF(ltrim(regexp_replace(
                       regexp_replace(phone, '\(0+\)', '', 'g'),
                       '[^0-9]', '', 'g'), '0'), ''), '')
              FROM unnest(%s) AS phone
            """,
            [numbers],
        )
        self.assertEqual(
            [row[0] for row in self.env.cr.fetchall()],
            [significant_digits(number) for number in numbers],
        )
