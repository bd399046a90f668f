from datetime import timedelta

from odoo import api, models


class ItsmChange(models.Model):
    """The planned time of a change: proposed by its template, moved with its tasks."""

    _name = "itsm.change"
    _inherit = ["itsm.bounds.mixin", "itsm.change"]

    _planned_fields = ("planned_start", "planned_stop")

    @api.onchange("planned_start")
    def _onchange_planned_start(self):
        """Propose as end what the template says that it takes."""
        # sudo: who plans a change need not be told all about its template.
        template = self.template_id.sudo()
        start, stop = self.planned_start, self.planned_stop
        if template and start and not (stop and stop > start):
            self.planned_stop = start + timedelta(hours=template.hours)

    def write(self, vals):
        # What is loaded as history is as it was.
        if (
            not {"planned_start", "planned_stop"} & vals.keys()
            or self._workflow_keyed()
        ):
            return super().write(vals)
        before = {
            change: (
                change.planned_start,
                change.planned_stop,
                {
                    task: (task.planned_start, task.planned_stop)
                    for task in change.task_ids
                },
            )
            for change in self
        }
        result = super().write(vals)
        for change, (start, stop, tasks) in before.items():
            change._move_tasks(start, stop, tasks)
            change.task_ids._check_within_change()
        return result

    def _move_tasks(self, start, stop, tasks):
        """Move what is still to do by as much as the change was moved.

        Not where the change only begins or ends at another time, and not a task that
        was given another time along with the change.

        :param start: when the change was to start before, naive UTC or False
        :param stop: when it was to end before
        :param tasks: ``{task: (start, stop)}`` as they were before
        """
        self.ensure_one()
        if not (start and stop and self.planned_start and self.planned_stop):
            return
        shift = self.planned_start - start
        if not shift or self.planned_stop == stop:
            return
        for task in self.task_ids:
            times = (task.planned_start, task.planned_stop)
            if task.state == "todo" and any(times) and tasks.get(task) == times:
                task.write(
                    {
                        "planned_start": times[0] and times[0] + shift,
                        "planned_stop": times[1] and times[1] + shift,
                    }
                )
