from datetime import timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import MONDAY, ChangeCase


@tagged("post_install", "-at_install")
class TestChangeTemplate(ChangeCase):
    """Common work is approved once, and done often."""

    def _template(self, approved=True, **values):
        template = (
            self.env["itsm.change.template"]
            .with_user(self.change_manager)
            .create(
                {
                    "name": "Replace a disk",
                    "category_id": self.category.id,
                    "class_ids": [(6, 0, self.server_class.parent_id.ids)],
                    "reason": "A disk is about to fail.",
                    "plan": "<p>Take it out, put the new one in.</p>",
                    "backout_plan": "<p>Put the old one back.</p>",
                    "task_ids": [
                        (0, 0, {"name": "Take out", "sequence": 1}),
                        (0, 0, {"name": "Put in", "sequence": 2}),
                    ],
                    **values,
                }
            )
        )
        if approved:
            template.request_validation()
            second = self.env.ref("base.user_admin")
            self._validate(template.with_user(second))
            template.invalidate_recordset()
            template.action_set_state("approved")
        return template

    def _from_template(self, template, **values):
        change = template.with_user(self.planner)._make_change(
            ci_ids=[(6, 0, self.printer.ids)],
            implementer_id=self.implementer.id,
            planned_start=MONDAY,
            planned_stop=MONDAY.replace(hour=21),
            **values,
        )
        change.action_set_state("assessment")
        change.action_take_impact()
        self._answer(change)
        change.action_assess_risk()
        change.action_set_state("approval")
        return change

    def test_a_change_by_the_template_needs_no_other_approval(self):
        change = self._from_template(self._template())
        self.assertEqual(change.change_type, "standard")
        self.assertEqual(change.task_ids.mapped("name"), ["Take out", "Put in"])
        self.assertEqual(change.task_ids[1].predecessor_ids, change.task_ids[0])
        change.action_set_state("scheduled")
        self.assertEqual(change.state, "scheduled")

    def test_the_usual_duration_proposes_the_end(self):
        change = self._template(hours=3.5).with_user(self.planner)._make_change()
        with Form(change) as form:
            form.planned_start = MONDAY
            self.assertEqual(form.planned_stop, MONDAY + timedelta(hours=3.5))
            form.planned_stop = MONDAY + timedelta(hours=2)
            # What was chosen stays as long as it is after the start.
            form.planned_start = MONDAY + timedelta(hours=1)
            self.assertEqual(form.planned_stop, MONDAY + timedelta(hours=2))
        with (
            self._refused("hours_positive", IntegrityError),
            mute_logger("odoo.sql_db"),
        ):
            self._template(approved=False, hours=0)

    def test_a_template_is_approved_before_it_is_used(self):
        template = self._template(approved=False)
        with self._refused("is not approved"):
            template.with_user(self.planner).action_new_change()
        with self._refused("needs an approval first"):
            template.action_set_state("approved")

    def test_who_leaves_the_template_needs_a_normal_change(self):
        change = self._from_template(self._template())
        change.plan = "<p>Replace the whole server.</p>"
        with self._refused("differs from what was approved .* Plan"):
            change.action_set_state("scheduled")

    def test_a_template_is_for_its_classes(self):
        template = self._template(
            class_ids=[(6, 0, self.env.ref("itsm_core.ci_class_document").ids)]
        )
        change = self._from_template(template)
        with self._refused("is approved for: .*Document"):
            change.action_set_state("scheduled")

    def test_a_revised_template_covers_nothing_until_approved_again(self):
        template = self._template()
        change = self._from_template(template)
        template.action_set_state("draft")
        with self._refused("is not approved any more"):
            change.action_set_state("scheduled")

    def test_nobody_makes_a_change_standard_by_hand(self):
        with self._refused("made from an approved template", ValidationError):
            self._change(change_type="standard")
        template = self._template()
        for values in (
            {"change_type": "standard", "template_id": template.id},
            {"template_id": template.id},
        ):
            with self._refused("follows from the content"):
                self._change(**values)
        change = self._change()
        with self._refused("follows from the content"):
            change.write({"change_type": "standard", "template_id": template.id})

    def test_editing_an_approved_template_is_refused(self):
        template = self._template()
        with self._refused("the approval covers it"):
            template.plan = "<p>Otherwise.</p>"
        with self._refused("the approval covers it"):
            template.task_ids[0].name = "Otherwise"
