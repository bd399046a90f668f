from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import MONDAY, ChangeCase


@tagged("post_install", "-at_install")
class TestChangeTask(ChangeCase):
    def setUp(self):
        super().setUp()
        self.change = self._change(
            task_ids=[
                (0, 0, {"name": name, "user_id": self.implementer.id})
                for name in ("Stop", "Replace", "Start")
            ]
        )
        self.stop, self.replace, self.start = self.change.task_ids
        self.replace.predecessor_ids = self.stop
        self.start.predecessor_ids = self.replace

    def test_a_cycle_of_tasks_is_refused(self):
        with self._refused("wait for each other", ValidationError):
            self.stop.predecessor_ids = self.start
        with self._refused("wait for each other", ValidationError):
            self.stop.predecessor_ids = self.stop

    def test_tasks_come_after_tasks_of_the_same_change(self):
        other = self._change(task_ids=[(0, 0, {"name": "Elsewhere"})])
        with self._refused("of the same change", ValidationError):
            self.stop.predecessor_ids = other.task_ids

    def test_tasks_lie_within_the_time_of_the_change(self):
        with self._refused("outside the time of its change", ValidationError):
            self.stop.planned_start = MONDAY - timedelta(hours=1)

    def test_a_copied_change_has_its_tasks_in_the_same_order(self):
        copy = self.change.copy()
        self.assertFalse(copy.task_ids & self.change.task_ids)
        self.assertEqual(
            copy.task_ids.mapped(lambda t: (t.name, t.predecessor_ids.mapped("name"))),
            self.change.task_ids.mapped(
                lambda t: (t.name, t.predecessor_ids.mapped("name"))
            ),
        )
        self.assertEqual(copy.task_ids.predecessor_ids.change_id, copy)
        self.assertFalse(self.change.copy({"task_ids": []}).task_ids)

    def test_a_change_that_moves_takes_its_tasks_along(self):
        hour, day = timedelta(hours=1), timedelta(days=1)
        self.stop.write({"planned_start": MONDAY, "planned_stop": MONDAY + hour})
        self.replace.planned_start = MONDAY + hour
        self.start.write({"planned_start": MONDAY + hour})
        self.change.write(
            {
                "planned_start": MONDAY + day,
                "planned_stop": MONDAY + day + 2 * hour,
                # Given another time at once: nothing is added to that.
                "task_ids": [
                    (1, self.start.id, {"planned_start": MONDAY + day + 2 * hour})
                ],
            }
        )
        self.assertEqual(self.stop.planned_start, MONDAY + day)
        self.assertEqual(self.stop.planned_stop, MONDAY + day + hour)
        self.assertEqual(self.replace.planned_start, MONDAY + day + hour)
        self.assertFalse(self.replace.planned_stop)
        self.assertEqual(self.start.planned_start, MONDAY + day + 2 * hour)

    def test_a_change_that_gets_longer_leaves_its_tasks(self):
        self.stop.planned_start = MONDAY
        self.change.planned_start = MONDAY - timedelta(hours=1)
        self.change.planned_stop = MONDAY + timedelta(hours=5)
        self.assertEqual(self.stop.planned_start, MONDAY)

    def test_a_change_gets_no_shorter_than_its_tasks_need(self):
        self.start.planned_stop = MONDAY + timedelta(hours=2)
        with self._refused("“Start” .*outside the time of its change", ValidationError):
            self.change.planned_stop = MONDAY + timedelta(hours=1)
        with self._refused("“Start” .*outside the time of its change", ValidationError):
            self.change.write(
                {
                    "planned_start": MONDAY + timedelta(days=1),
                    "planned_stop": MONDAY + timedelta(days=1, hours=1),
                }
            )
        self.assertEqual(self.start.planned_stop, MONDAY + timedelta(hours=2))

    def test_a_copy_can_be_planned_for_any_time(self):
        self.stop.planned_start = MONDAY
        later = MONDAY + timedelta(days=7)
        copy = self.change.copy()
        copy.write({"planned_start": later, "planned_stop": later + timedelta(hours=2)})
        self.assertFalse(any(copy.task_ids.mapped("planned_start")))

    def test_what_is_done_stays_when_the_change_moves(self):
        self.stop.planned_start = self.replace.planned_start = MONDAY
        self.stop._record(state="done")
        with self._refused("“Stop” .*outside the time of its change", ValidationError):
            self.change.write(
                {
                    "planned_start": MONDAY + timedelta(days=1),
                    "planned_stop": MONDAY + timedelta(days=1, hours=2),
                }
            )
        self.change.write(
            {
                "planned_start": MONDAY - timedelta(hours=1),
                "planned_stop": MONDAY + timedelta(hours=3),
            }
        )
        self.assertEqual(self.stop.planned_start, MONDAY)
        self.assertEqual(self.replace.planned_start, MONDAY - timedelta(hours=1))

    def test_no_change_takes_place_in_the_year_1900_or_9999(self):
        for year in (1900, 9999):
            moment = MONDAY.replace(year=year)
            times = {
                "planned_start": moment,
                "planned_stop": moment + timedelta(hours=2),
            }
            with self._refused(f"in the year {year}", ValidationError):
                self.change.write(times)
            with self._refused(f"in the year {year}", ValidationError):
                self._change(**times)

    def _start(self):
        change = self.change
        change.action_set_state("assessment")
        change.action_take_impact()
        self._answer(change)
        change.action_assess_risk()
        change.action_set_state("approval")
        change.request_validation()
        self._approve(change)
        change.action_set_state("scheduled")
        with self._refused("Start .* first"):
            self.stop.with_user(self.implementer).action_start()
        change.action_set_state("implementation")

    def test_tasks_are_done_in_order_and_say_by_whom_and_when(self):
        self._start()
        mine = self.change.task_ids.with_user(self.implementer)
        with self._refused("comes after: Stop"):
            mine[1].action_start()
        mine[0].action_start()
        mine[0].action_done()
        self.assertEqual(self.stop.state, "done")
        self.assertEqual(self.stop.done_by_id, self.implementer)
        self.assertTrue(self.stop.actual_start and self.stop.actual_stop)
        with self._refused("is “Done” already"):
            mine[0].action_done()
        mine[1].action_done()
        with self._refused("has open tasks: Start"):
            self.change.action_set_state("review")
        with self._refused("why “Start” is skipped"):
            mine[2].action_skip()
        mine[2].note = "It starts by itself."
        mine[2].action_skip()
        self.change.action_set_state("review")

    def test_what_was_done_cannot_be_written(self):
        self._start()
        for values in (
            {"state": "done"},
            {"done_by_id": self.other.id},
            {"actual_start": MONDAY},
        ):
            with self._refused("follows from its buttons"):
                self.stop.with_user(self.implementer).write(values)
        with self._refused("the approval covers it"):
            self.stop.with_user(self.implementer).name = "Something else"
        with self._refused("the approval covers it"):
            self.stop.with_user(self.implementer).unlink()

    def test_new_tasks_are_to_do_whatever_a_client_says(self):
        task = self.env["itsm.change.task"].with_context(
            default_state="done", default_done_by_id=self.other.id
        )
        task = task.create({"name": "x", "change_id": self.change.id, "state": "done"})
        self.assertEqual((task.state, task.done_by_id.id), ("todo", False))
