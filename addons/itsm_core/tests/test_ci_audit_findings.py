from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, Form, tagged

from ..tools.ci_audit import Deviation, find_deviations
from .ci_audit_common import CiAuditCase

VALUES = st.sampled_from(["", None, False, "a", "A", " a ", "a  b", "A B", 1, 2])
SIDE = st.dictionaries(
    st.integers(-3, 3), st.dictionaries(st.sampled_from("xyz"), VALUES), max_size=5
)


def slow_deviations(expected, found):
    """Compare everything with everything, letter by letter."""

    def same(one, other):
        if not one or not other:
            return not one and not other
        if isinstance(one, str) and isinstance(other, str):
            return one.lower().split() == other.lower().split()
        return one == other

    deviations = []
    for key in range(-3, 4):
        if key in expected and key not in found:
            deviations.append(Deviation(key, "missing", ""))
        if key in found and key not in expected:
            deviations.append(Deviation(key, "surplus", ""))
        for field in "xyz":
            if key in expected and key in found:
                pair = expected[key].get(field), found[key].get(field)
                if not same(*pair):
                    deviations.append(Deviation(key, "different", field))
    return deviations


@tagged("post_install", "-at_install")
class TestDeviations(BaseCase):
    @given(SIDE, SIDE)
    def test_deviations_are_those_of_a_slow_comparison(self, expected, found):
        self.assertEqual(
            find_deviations(expected, found), slow_deviations(expected, found)
        )


@tagged("post_install", "-at_install")
class TestCiAuditFindings(CiAuditCase):
    def test_serial_number_asset_tag_and_name_are_recognised(self):
        audit = self._make_audit()
        self.assertEqual(
            self._scan(audit, " sn-2 ", "tag-1", "LAP-3", "SN-9", "new"),
            ["expected", "expected", "expected", "outside", "unknown"],
        )
        self.assertEqual(audit.found_count, 3)
        self.assertEqual(audit.finding_ids.mapped("source"), ["scan"] * 5)
        self.assertEqual(audit.finding_ids.found_by_id, self.agent)

    def test_double_scans_count_once_whatever_is_scanned(self):
        audit = self._make_audit()
        outcomes = self._scan(audit, "SN-1", "TAG-1", "lap-1", "x  1", "X 1", "x 1")
        self.assertEqual(
            outcomes, ["expected", "again", "again", "unknown", "again", "again"]
        )
        self.assertEqual((audit.found_count, audit.finding_count), (1, 2))
        answer = audit.with_user(self.manager).record_scan("SN-1")
        self.assertIn("Ada Agent", answer["text"])
        self.assertEqual(answer["progress"]["found"], 1)
        with self.assertRefused("found before"):
            self._find(audit, "SN-1")

    def test_what_may_be_several_items_is_asked_for_again(self):
        self._make_items(("twin", "T-1"), ("twin", "T-2"), location="Depot")
        audit = self._make_audit()
        self.assertEqual(self._scan(audit, "twin", "T-1"), ["ambiguous", "expected"])
        self.assertEqual(audit.finding_count, 1)
        with self.assertRefused("may be one of several"):
            self._find(audit, "twin")

    def test_an_expected_item_goes_before_a_namesake_elsewhere(self):
        self._make_items(("lap-1", "SN-1"), location="Head office")
        audit = self._make_audit()
        self.assertEqual(self._scan(audit, "SN-1"), ["expected"])
        self.assertEqual(audit.finding_ids.ci_id, self.first)

    def test_an_item_renamed_since_is_recognised_by_both_names(self):
        audit = self._make_audit()
        (self.first | self.second).write({"serial_number": "changed", "name": "same"})
        self.first.asset_tag = "TAG-NEW"
        self.assertEqual(self._scan(audit, "TAG-NEW", "SN-2"), ["expected", "expected"])
        self.assertEqual(audit.finding_ids.ci_id, self.first | self.second)

    def test_an_empty_scan_is_nothing(self):
        audit = self._make_audit()
        self.assertEqual(self._scan(audit, "", "  "), ["empty", "empty"])
        self.assertFalse(audit.finding_ids)

    def test_where_the_person_stands_is_recorded_with_the_scan(self):
        audit = self._make_audit()
        self._scan(audit, "SN-1", "SN-2", location=" Depot, gate 4 ")
        self._scan(audit, "SN-3")
        places = audit.finding_ids.sorted("code").mapped("location")
        self.assertEqual(places, ["Depot, gate 4", "Depot, gate 4", "Depot, gate 1"])

    def test_a_retired_item_that_is_found_is_surplus_and_there(self):
        [old] = self._make_items(("old", "SN-OLD"), state="retired", location="Depot")
        old.active = False
        audit = self._make_audit()
        self.assertEqual(self._scan(audit, "SN-OLD"), ["outside"])
        self.assertEqual(audit.finding_ids.ci_id, old)
        self.assertEqual(audit.finding_ids.lifecycle_state, "in_stock")

    def test_the_form_shows_at_once_what_is_expected(self):
        audit = self._make_audit()
        findings = self.env["itsm.ci.audit.finding"].with_user(self.agent)
        view = "itsm_core.itsm_ci_audit_finding_view_list"
        with Form(findings.with_context(default_audit_id=audit.id), view) as form:
            self.assertFalse(form.match, "nothing was read yet")
            form.code = "tag-1"
            self.assertEqual(form.location, "Depot, gate 1")
            self.assertEqual(form.user_partner_id, self.carla)
            form.location = "Depot, gate 5"
        finding = audit.finding_ids
        self.assertEqual(finding.match, "expected")
        self.assertEqual(finding.location, "Depot, gate 5")
        self.assertEqual(finding.user_partner_id, self.carla)

    def test_who_found_what_and_when_cannot_be_forged(self):
        audit = self._make_audit()
        finding = self._find(
            audit,
            "nobody knows",
            ci_id=self.first.id,
            found_by_id=self.manager.id,
            found_date="2020-01-01",
            source="scan",
        )
        self.assertFalse(finding.ci_id)
        self.assertEqual(finding.found_by_id, self.agent)
        self.assertGreater(str(finding.found_date), "2020-02")
        self.assertEqual(finding.source, "typed")
        for change in ({"code": "SN-1"}, {"found_by_id": self.boss.id}):
            with self.assertRefused("record it anew"):
                finding.write(change)
        finding.unlink()
        self.assertFalse(audit.finding_ids)

    def test_nothing_is_recorded_before_and_after(self):
        audit = self._make_audit(start=False)
        with self.assertRefused("while an audit is in progress"):
            self._scan(audit, "SN-1")
        with self.assertRefused("while an audit is in progress"):
            self._find(audit, "SN-1")
        audit.action_set_state("in_progress")
        self._scan(audit, "SN-1")
        audit.action_set_state("cancelled")
        with self.assertRefused("while an audit is in progress"):
            self._scan(audit, "SN-2")
