from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import BaseCase, new_test_user, tagged

from odoo.addons.itsm_core.tools.baseline import compare

from ..tools.expectation import GONE, THERE, Expectation, sort_differences
from .common import MONDAY, ChangeCase


@tagged("post_install", "-at_install")
class TestExpectation(BaseCase):
    """Each difference is planned, explained by another, or neither."""

    facts = st.dictionaries(
        st.sampled_from("abc"), st.sampled_from("xyz").map(lambda v: (v, v, "L"))
    )
    snapshots = st.fixed_dictionaries({1: facts, 2: facts})
    expectations = st.lists(
        st.builds(
            Expectation,
            st.sampled_from((1, 2)),
            st.sampled_from("abc"),
            st.sampled_from(("x", "y", THERE, GONE)),
        ),
        max_size=4,
    )

    @given(snapshots, snapshots, expectations, expectations)
    def test_every_fact_is_told_as_one_by_one_inspection_tells_it(
        self, before, now, own, others
    ):
        unplanned, explained, missing = sort_differences(
            compare(before, now), now, own, [(each, "them") for each in others]
        )
        told = {(each.item, each.key): "unplanned" for each in unplanned}
        told |= {(each.item, each.key): whose for each, whose in explained}
        absent = {each.place for each in missing}
        for item in (1, 2):
            for key in "abc":
                place = item, key
                fact = now[item].get(key)

                def holds(each, fact=fact):
                    if each.value is THERE:
                        return bool(fact)
                    if each.value is GONE:
                        return not fact
                    return bool(fact) and fact[0] == each.value

                mine = [each for each in own if each.place == place]
                theirs = [each for each in others if each.place == place]
                if before[item].get(key) == fact:
                    expected = None
                    self.assertEqual(
                        place in absent, any(not holds(each) for each in mine)
                    )
                elif any(map(holds, mine)):
                    expected = None
                elif any(map(holds, theirs)):
                    expected = "them"
                else:
                    expected = "unplanned"
                self.assertEqual(told.get(place), expected)


@tagged("post_install", "-at_install")
class TestChangeUnauthorised(ChangeCase):
    """What was changed without a plan is found, and decided before closing."""

    def _begun(self, **values):
        change = self._scheduled(**values)
        change.with_user(self.implementer).action_set_state("implementation")
        return change

    def _ended(self, change, state="review"):
        change.with_user(self.implementer).action_set_state(state)
        return change.difference_ids

    def _planning(self, *effects, items=None):
        return {
            "ci_ids": [Command.set((items or self.printer).ids)],
            "effect_ids": [Command.create(effect) for effect in effects],
        }

    def _version(self, text="2.0", item=None):
        return {"ci_id": (item or self.printer).id, "kind": "version", "text": text}

    def test_touched_items_are_frozen_when_the_work_begins(self):
        change = self._begun()
        baseline = change.baseline_id
        self.assertEqual(baseline.state, "frozen")
        self.assertEqual(baseline.item_ids.ci_id, self.printer)
        self.assertEqual(baseline.company_id, change.company_id)
        for write in (
            lambda: change.write({"baseline_id": False}),
            lambda: change.with_context(itsm_change_derived_key=True).write(
                {"baseline_id": False}
            ),
            baseline.unlink,
        ):
            with self._refused("", UserError):
                write()

    def test_services_are_frozen_where_no_items_are_named(self):
        change = self._begun(ci_ids=False, service_ids=[Command.set(self.service.ids)])
        self.assertEqual(change.baseline_id.item_ids.ci_id, self.service.ci_id)

    def test_what_was_planned_is_no_difference(self):
        change = self._begun(
            **self._planning(
                self._version(),
                {
                    "ci_id": self.printer.id,
                    "kind": "lifecycle",
                    "lifecycle_state": "in_repair",
                },
                {
                    "ci_id": self.printer.id,
                    "kind": "add_relation",
                    "type_id": self.depends.id,
                    "target_id": self.database.id,
                },
                {
                    "ci_id": self.server.id,
                    "kind": "remove_relation",
                    "type_id": self.depends.id,
                    "target_id": self.database.id,
                },
                items=self.printer | self.server | self.database,
            )
        )
        self.assertFalse(self._ended(change))
        self.assertEqual(self.printer.version, "2.0")

    def test_what_nobody_planned_is_told_with_before_and_after(self):
        self.printer.location = "Hall A"
        change = self._begun(**self._planning(self._version()))
        self.printer.write({"location": "Hall B", "serial_number": "S1"})
        self.env["itsm.ci.relation"].create(
            {
                "source_id": self.printer.id,
                "type_id": self.depends.id,
                "target_id": self.database.id,
            }
        )
        rows = self._ended(change)
        self.assertEqual(
            sorted((row.kind, row.before or "", row.after or "") for row in rows),
            [
                ("added", "", "S1"),
                ("added", "", "depends on db01"),
                ("changed", "Hall A", "Hall B"),
            ],
        )
        self.assertEqual(set(rows.mapped("decision")), {"open"})
        self.assertEqual(change.open_difference_count, 3)
        found = self.env["itsm.change"].search([("open_difference_count", ">", 0)])
        self.assertIn(change, found)

    def test_a_failed_change_plans_nothing_any_more(self):
        change = self._begun(**self._planning(self._version()))
        self.printer.version = "2.0"
        change.result_note = "It did not start."
        rows = self._ended(change, "failed")
        self.assertEqual(rows.mapped("after"), ["2.0"])
        self.printer.version = False
        change.action_find_differences()
        self.assertFalse(change.difference_ids)

    def test_what_another_change_wrote_as_planned_is_explained_by_it(self):
        change = self._begun()
        later = MONDAY + timedelta(days=1)
        other = self._begun(
            **self._planning(self._version("3.0")),
            planned_start=later,
            planned_stop=later + timedelta(hours=1),
        )
        self.assertFalse(self._ended(other))
        row = self._ended(change)
        self.assertEqual(row.decision, "explained")
        self.assertEqual(row.explained_by_id, other)
        self.assertFalse(change.open_difference_count)

    def test_what_was_planned_and_undone_since_is_told(self):
        change = self._begun(**self._planning(self._version()))
        self._ended(change)
        self.printer.version = False
        change.action_find_differences()
        row = change.difference_ids
        self.assertEqual(row.kind, "missing")
        self.assertEqual(row.before, "Version: 2.0")
        self.printer.version = "1.9"
        change.action_find_differences()
        self.assertEqual(change.difference_ids.kind, "added")
        self.assertEqual(change.difference_ids.after, "1.9")

    def _unplanned(self):
        change = self._begun()
        self.printer.version = "9"
        row = self._ended(change)
        change.write({"outcome": "success", "lessons": "None."})
        return change, row

    def _close(self, change):
        change.with_user(self.change_manager).action_set_state("closed")

    def test_no_closing_before_all_is_decided(self):
        change, row = self._unplanned()
        with self._refused("nobody has decided"):
            self._close(change)
        boss = row.with_user(self.change_manager)
        with self._refused("Write into the line"):
            boss.action_accept()
        boss.reason = "Done in the same hour, by the maker."
        boss.action_accept()
        self.assertEqual(row.decided_by_id, self.change_manager)
        self.assertTrue(row.decided_date)
        self._close(change)
        self.assertEqual(change.state, "closed")

    def test_what_changes_between_review_and_closing_is_found(self):
        change = self._begun()
        self.assertFalse(self._ended(change))
        change.write({"outcome": "success", "lessons": "None."})
        self.printer.version = "9"
        with self._refused("nobody has decided"):
            self._close(change)

    def test_correcting_raises_an_action_and_lets_the_change_close(self):
        change, row = self._unplanned()
        row.with_user(self.change_manager).action_correct()
        self.assertEqual(row.decision, "action")
        self.assertEqual(row.action_id.source_ref, change)
        self.assertIn("is “9”", row.action_id.baseline)
        self._close(change)

    def test_decisions_stay_while_the_difference_does_and_no_longer(self):
        change, row = self._unplanned()
        boss = row.with_user(self.change_manager)
        boss.reason = "Agreed."
        boss.action_accept()
        change.action_find_differences()
        self.assertEqual(row.decision, "accepted")
        self.printer.version = "10"
        change.action_find_differences()
        self.assertEqual((row.decision, row.reason), ("open", False))

    def test_who_had_a_part_in_the_change_does_not_decide(self):
        _change, row = self._unplanned()
        manager = self.env.ref("itsm_change.group_change_manager")
        for user in (self.planner, self.implementer):
            user.group_ids = [Command.link(manager.id)]
            with self._refused("You had a part"):
                row.with_user(user).action_accept()
            with self._refused("You had a part"):
                row.with_user(user).reason = "Fine"
            with self._refused("You had a part"):
                row.with_user(user).action_correct()
        self.assertEqual(row.decision, "open")

    def test_nobody_writes_deletes_or_makes_differences(self):
        change, row = self._unplanned()
        stranger = new_test_user(self.env, "unauth_auditor", "itsm_core.group_auditor")
        for user in (self.other, stranger, self.portal):
            for act in (
                lambda user=user: row.with_user(user).write({"reason": "Fine"}),
                lambda user=user: row.with_user(user).write({"decision": "accepted"}),
                lambda user=user: row.with_user(user).action_accept(),
                lambda user=user: row.with_user(user).unlink(),
            ):
                with self._refused("", (AccessError, UserError)):
                    act()
        boss = row.with_user(self.change_manager)
        for vals in ({"decision": "accepted"}, {"after": "1"}, {"change_id": 1}):
            with self._refused("Decide them with the buttons"):
                boss.write(vals)
        for act in (
            boss.unlink,
            boss.copy,
            lambda: boss.create(
                {
                    "change_id": change.id,
                    "ci_id": self.printer.id,
                    "key": "x",
                    "kind": "added",
                }
            ),
        ):
            with self._refused("", (AccessError, UserError)):
                act()
        self.assertEqual(row.decision, "open")

    def test_comparing_waits_for_the_end_of_the_work_and_needs_a_baseline(self):
        change = self._begun()
        with self._refused("when its work has ended"):
            change.action_find_differences()
        loaded = self._change()
        self.env["itsm.change"].browse(loaded.id)._load_state("review")
        with self._refused("no baseline"):
            loaded.action_find_differences()

    def test_many_items_take_as_many_queries_as_few(self):
        counts = []
        for number in (2, 20):
            items = self.env["itsm.ci"].create(
                [
                    {"name": f"disk-{place}", "class_id": self.server_class.id}
                    for place in range(number)
                ]
            )
            change = self._begun(ci_ids=[Command.set(items.ids)])
            for item in items:
                item.version = "5"
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            change._find_differences()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual(len(change.difference_ids), number)
        self.assertLessEqual(counts[1], counts[0] + 2)
