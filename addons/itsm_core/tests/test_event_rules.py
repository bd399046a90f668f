import time

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.event_rules import Rule, apply_rules, names_of_host
from ..tools.event_storm import CHILDREN_AT_MOST, plan_storm
from ..tools.label_matchers import (
    LONGEST_COMPARED,
    Matcher,
    MatcherError,
    fit,
    read_matchers,
)

NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.sampled_from(["", "x", "xy", "y z", 'q"\\'])
MATCHERS = st.builds(Matcher, NAMES, st.sampled_from(["=", "!="]), VALUES)
LABELS = st.dictionaries(NAMES, VALUES)


def write(matchers):
    return ", ".join(
        f'{m.name}{m.operator}"%s"' % m.value.replace("\\", "\\\\").replace('"', '\\"')
        for m in matchers
    )


@tagged("post_install", "-at_install")
class TestEventRules(BaseCase):
    def test_matchers_are_read_as_alertmanager_writes_them(self):
        text = 'alertname="InstanceDown", severity =~ warning|critical\njob!~"te.t"\n'
        self.assertEqual(
            read_matchers(text),
            (
                Matcher("alertname", "=", "InstanceDown"),
                Matcher("severity", "=~", "warning|critical"),
                Matcher("job", "!~", "te.t"),
            ),
        )
        self.assertEqual(read_matchers(" \n "), ())
        self.assertEqual(read_matchers(r'a =~ "\d+"')[0].value, r"\d+")

    def test_expressions_fit_whole_values_and_missing_labels_are_empty(self):
        def fits(text, **labels):
            return fit(read_matchers(text), labels)

        self.assertTrue(fits("a =~ x|y", a="x"))
        self.assertFalse(fits("a =~ x|y", a="xy"))
        self.assertTrue(fits("a !~ x|y", a="xy"))
        self.assertTrue(fits("a ="))
        self.assertTrue(fits("a != x"))
        self.assertFalse(fits("a != x", a="x"))
        self.assertFalse(fits("a = x, b = y", a="x"))

    @given(st.lists(MATCHERS, max_size=4), LABELS)
    def test_what_is_written_is_read_and_compared(self, matchers, labels):
        self.assertEqual(read_matchers(write(matchers)), tuple(matchers))
        slow = all(
            (labels.get(m.name, "") == m.value) == (m.operator == "=") for m in matchers
        )
        self.assertEqual(fit(matchers, labels), slow)

    def test_usual_expressions_are_taken(self):
        for pattern in (
            r".*\.example\.com(:\d+)?",
            r"(erp|shop)-(app|db)-\d{2}",
            r"(?i)critical|warning",
            r"[a-z]+-[a-z]+-\d+",
            r"foo.*bar.*",
        ):
            read_matchers(f'a =~ "{pattern}"')

    def test_expressions_that_could_hang_are_refused(self):
        for pattern in (
            r"(a+)+b",
            r"(a|a)*b",
            r"(.*)*x",
            r"(\w+\s?)*y",
            r"((a?){20}){20}",
            r".*.*.*.*.*.*x",
            r"(a)\1",
            r"(?=a+)a",
            "a?" * 40 + "a" * 40,
            "x" * 301,
        ):
            with self.subTest(pattern), self.assertRaises(MatcherError) as caught:
                read_matchers(f'a =~ "{pattern}"')
            self.assertEqual(caught.exception.kind, "dear")

    @given(st.text("ab(|)*+?.", max_size=14))
    def test_what_is_accepted_takes_no_time(self, pattern):
        try:
            matchers = read_matchers(f'a =~ "{pattern}"')
        except MatcherError:
            return
        start = time.monotonic()
        fit(matchers, {"a": "ab" * LONGEST_COMPARED + "c"})
        fit(matchers, {"a": "a" * LONGEST_COMPARED})
        self.assertLess(time.monotonic() - start, 5)

    def test_each_rule_gives_what_no_earlier_one_gave(self):
        rules = [
            Rule(1, frozenset(), read_matchers("a=x"), ci_label="host", impact="1"),
            Rule(2, frozenset({7}), (), impact="3", urgency="3", team_id=5),
            Rule(3, frozenset({8}), (), service_id=9),
            Rule(4, frozenset(), (), ci_id=4),
        ]
        answer = apply_rules(rules, 7, {"a": "x", "host": "h:1"})
        self.assertEqual(answer.rule_ids, (1, 2))
        self.assertEqual((answer.impact, answer.urgency), ("1", "3"))
        self.assertEqual((answer.ci_id, answer.ci_names), (0, ("h:1", "h")))
        self.assertEqual((answer.team_id, answer.service_id), (5, 0))
        other = apply_rules(rules, 8, {"severity": "Critical"})
        self.assertEqual((other.ci_id, other.service_id), (4, 9))
        self.assertEqual((other.impact, other.urgency), ("2", "1"))

    def test_host_is_found_with_port_scheme_and_domain(self):
        for value in (
            "erp-app-01",
            "erp-app-01:9100",
            "ERP-App-01.example.com",
            "http://erp-app-01.example.com:80/metrics?x=1",
        ):
            self.assertEqual(names_of_host(value)[-1].lower(), "erp-app-01")
        self.assertEqual(names_of_host("10.0.0.1:9100"), ("10.0.0.1:9100", "10.0.0.1"))
        self.assertEqual(names_of_host(" "), ())
        self.assertEqual(names_of_host("http://[bad"), ("http://[bad",))

    @given(
        st.integers(1, 300),
        st.integers(0, 50),
        st.none() | st.integers(0, CHILDREN_AT_MOST),
        st.integers(0, 60),
    )
    def test_storm_is_planned_as_said(self, coming, loose, in_parent, threshold):
        plan = plan_storm(coming, loose, in_parent, threshold)
        storm = in_parent is not None or bool(threshold and coming + loose >= threshold)
        self.assertEqual(plan.has_parent, storm)
        if storm:
            total = (in_parent or 0) + plan.children + plan.adopted
            self.assertLessEqual(total, CHILDREN_AT_MOST)
            # Nothing is held back while there is room.
            if total < CHILDREN_AT_MOST:
                self.assertEqual((plan.children, plan.adopted), (coming, loose))
        else:
            self.assertEqual(plan, (False, coming, 0))

    def test_names_of_labels_may_have_what_prometheus_and_others_use(self):
        for name in ("a_b", "a.b", "a-b", "a/b", "k8s:pod"):
            self.assertEqual(read_matchers(f"{name}=x")[0].name, name)
