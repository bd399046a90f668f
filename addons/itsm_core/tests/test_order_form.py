from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ..tools import order_form as of
from ..tools.order_form import Question, Wrong, read_answer, read_answers

TODAY = date(2026, 6, 17)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.text(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)
KINDS = ("char", "text", "integer", "float", "boolean", "date", "selection", "many2one")


class TestOrderForm(BaseCase):
    def _read(self, kind, raw, **question):
        return read_answer(Question("q", kind, **question), raw, TODAY)

    def test_what_is_missing_is_said_only_where_it_is_required(self):
        for kind in set(KINDS) - {"boolean"}:
            for raw in ("", "  ", None, [], {}, "\x00"):
                self.assertIsNone(self._read(kind, raw), (kind, raw))
                self.assertEqual(
                    self._read(kind, raw, required=True), Wrong(of.MISSING), kind
                )
        self.assertIs(self._read("boolean", ""), False)
        self.assertEqual(self._read("boolean", "", required=True), Wrong(of.MISSING))

    def test_numbers_are_read_in_either_notation(self):
        for text, number in (("12", 12), (" 1,5 ", 1.5), ("-0.25", -0.25), (3, 3)):
            self.assertEqual(self._read("float", text), number)
        self.assertEqual(self._read("integer", "7.0"), 7)
        self.assertIsInstance(self._read("integer", "7.0"), int)

    def test_what_is_no_number_is_refused(self):
        for text in (
            "twelve",
            "1.2.3",
            "1e5",
            "nan",
            "inf",
            "0x1",
            "١٢",
            "1_000",
            "1 2",
        ):
            self.assertEqual(self._read("float", text), Wrong(of.NOT_A_NUMBER), text)
        self.assertEqual(self._read("integer", "1.5"), Wrong(of.NOT_WHOLE))

    def test_limits_are_told(self):
        limits = (1, 3)
        self.assertEqual(
            self._read("integer", "0", limits=limits), Wrong(of.TOO_SMALL, 1)
        )
        self.assertEqual(
            self._read("integer", "4", limits=limits), Wrong(of.TOO_LARGE, 3)
        )
        self.assertEqual(self._read("integer", "3", limits=limits), 3)
        self.assertEqual(
            self._read("integer", "99999999999"), Wrong(of.TOO_LARGE, of.MAX_INTEGER)
        )

    def test_days_are_days_of_the_calendar(self):
        self.assertEqual(self._read("date", "2026-06-17", future=True), TODAY)
        self.assertEqual(
            self._read("date", "2026-06-16", future=True), Wrong(of.IN_THE_PAST)
        )
        for text in (
            "2026-02-30",
            "17.06.2026",
            "2026-W01-1",
            "20260617",
            "0000-01-01",
        ):
            self.assertEqual(self._read("date", text), Wrong(of.NOT_A_DATE), text)

    def test_only_what_is_offered_can_be_chosen(self):
        question = {"choices": {"small": 1, "large": 2}}
        self.assertEqual(self._read("selection", "large", **question), 2)
        for raw in ("huge", "1", "Large"):
            self.assertEqual(
                self._read("many2one", raw, **question), Wrong(of.NOT_OFFERED)
            )

    def test_texts_have_an_end_and_lines_stay_lines(self):
        self.assertEqual(self._read("char", "a\nb  c"), "a b c")
        self.assertEqual(self._read("text", "a\r\nb"), "a\nb")
        self.assertEqual(
            self._read("char", "x" * (of.MAX_LINE + 1)), Wrong(of.TOO_LONG, of.MAX_LINE)
        )

    @given(st.lists(st.tuples(st.sampled_from(KINDS), st.booleans(), JUNK), max_size=6))
    def test_whatever_is_sent_each_question_has_a_value_or_what_is_wrong(self, asked):
        questions = [
            Question(str(place), kind, required=required, choices={"a": "a"})
            for place, (kind, required, _raw) in enumerate(asked)
        ]
        raw = {str(place): raw for place, (_k, _r, raw) in enumerate(asked)}
        values, wrong = read_answers(questions, {**raw, "not asked": "x"}, TODAY)
        self.assertEqual(
            sorted([*values, *wrong]), sorted(question.key for question in questions)
        )
        for question in questions:
            if question.key in values and question.required:
                self.assertNotIn(values[question.key], (None, ""))
            value = values.get(question.key)
            if isinstance(value, str):
                value.encode()
                self.assertNotIn("\x00", value)

    @given(st.integers(-9999, 9999), st.integers(-50, 50), st.integers(-50, 50))
    def test_whole_numbers_against_counting(self, number, one, other):
        least, most = sorted((one, other))
        answer = self._read("integer", str(number), limits=(least, most))
        if number in range(least, most + 1):
            self.assertEqual(answer, number)
        else:
            self.assertEqual(
                answer,
                Wrong(of.TOO_SMALL, least)
                if number < least
                else Wrong(of.TOO_LARGE, most),
            )

    @given(st.integers(-800, 800))
    def test_days_against_the_calendar(self, offset):
        day = TODAY + timedelta(days=offset)
        answer = self._read("date", day.isoformat(), future=True)
        self.assertEqual(answer, day if offset >= 0 else Wrong(of.IN_THE_PAST))
