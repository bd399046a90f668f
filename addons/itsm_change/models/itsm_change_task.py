from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime

# An object that no client can send: who holds it records what was done.
_KEY = object()
_KEY_NAME = "itsm_change_task_key"


class ItsmChangeTask(models.Model):
    """One step of a change, done by somebody at some time."""

    _name = "itsm.change.task"
    _description = "Change Task"
    _inherit = ["itsm.change.part.mixin"]
    _order = "change_id, sequence, id"
    _check_company_auto = True

    _part_free_fields = ("state", "actual_start", "actual_stop", "done_by_id", "note")

    name = fields.Char(string="Task", required=True)
    sequence = fields.Integer(default=10)
    description = fields.Html()
    user_id = fields.Many2one(
        "res.users",
        string="Assigned To",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("itsm_core.group_user").ids)
        ],
        index="btree_not_null",
    )
    # Not copied, as the time of the change is not.
    planned_start = fields.Datetime(copy=False)
    planned_stop = fields.Datetime(string="Planned End", copy=False)
    predecessor_ids = fields.Many2many(
        "itsm.change.task",
        "itsm_change_task_order_rel",
        "task_id",
        "predecessor_id",
        string="After",
        domain="[('change_id', '=', change_id), ('id', '!=', id)]",
        copy=False,
        help="What has to be done before.",
    )
    state = fields.Selection(
        [
            ("todo", "To Do"),
            ("progress", "In Progress"),
            ("done", "Done"),
            ("skipped", "Skipped"),
        ],
        default="todo",
        required=True,
        readonly=True,
        copy=False,
    )
    actual_start = fields.Datetime(readonly=True, copy=False)
    actual_stop = fields.Datetime(string="Actual End", readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    note = fields.Text(string="Remark", copy=False)
    change_state = fields.Selection(
        related="change_id.state", string="State of the Change"
    )

    _stop_after_start = models.Constraint(
        "CHECK (planned_stop >= planned_start)",
        "A task cannot be planned to end before it starts.",
    )

    @api.constrains("predecessor_ids", "change_id")
    def _check_order(self):
        if self._has_cycle("predecessor_ids"):
            raise ValidationError(
                self.env._(
                    "These tasks wait for each other, so none of them could ever "
                    "start: %(tasks)s. Change what one of them comes after.",
                    tasks=", ".join(self.mapped("name")),
                )
            )
        for task in self:
            if task.predecessor_ids.change_id - task.change_id:
                raise ValidationError(
                    self.env._(
                        "“%s” can only come after tasks of the same change.", task.name
                    )
                )

    @api.constrains("planned_start", "planned_stop", "change_id")
    def _check_within_change(self):
        for task in self:
            change = task.change_id
            if not (change.planned_start and change.planned_stop):
                continue
            moments = [m for m in (task.planned_start, task.planned_stop) if m]
            if any(
                not change.planned_start <= moment <= change.planned_stop
                for moment in moments
            ):
                raise ValidationError(
                    self.env._(
                        "“%(task)s” is planned outside the time of its change, "
                        "%(start)s to %(stop)s. Plan it within, or give the change "
                        "more time.",
                        task=task.name,
                        start=format_datetime(
                            self.env, change.planned_start, dt_format="short"
                        ),
                        stop=format_datetime(
                            self.env, change.planned_stop, dt_format="short"
                        ),
                    )
                )

    # ------------------------------------------------------------------
    # Work
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Said here, so that no default of a client decides.
        recorded = dict.fromkeys(("actual_start", "actual_stop", "done_by_id"), False)
        return super().create(
            [{**vals, **recorded, "state": "todo"} for vals in vals_list]
        )

    def write(self, vals):
        recorded = {"state", "actual_start", "actual_stop", "done_by_id"} & vals.keys()
        if recorded and self.env.context.get(_KEY_NAME) is not _KEY:
            raise UserError(
                self.env._(
                    "When a task was done, and by whom, follows from its buttons."
                )
            )
        return super(ItsmChangeTask, self.with_context(**{_KEY_NAME: None})).write(vals)

    def action_start(self):
        """Take note that the work on the tasks begins, by the current user."""
        self._check_in_work(("todo",))
        for task in self:
            waits = task.predecessor_ids.filtered(
                lambda earlier: earlier.state in ("todo", "progress")
            )
            if waits:
                raise UserError(
                    self.env._(
                        "“%(task)s” comes after: %(others)s. Do or skip that first.",
                        task=task.name,
                        others=", ".join(waits.mapped("name")),
                    )
                )
        self._record(
            state="progress",
            actual_start=fields.Datetime.now(),
            done_by_id=self.env.uid,
        )

    def action_done(self):
        """Take note that the tasks are done, by the current user."""
        todo = self.filtered(lambda task: task.state == "todo")
        if todo:
            todo.action_start()
        self._check_in_work(("progress",))
        self._record(
            state="done", actual_stop=fields.Datetime.now(), done_by_id=self.env.uid
        )

    def action_skip(self):
        """Take note that the tasks are left out: their remark says why."""
        self._check_in_work(("todo", "progress"))
        for task in self:
            if not (task.note or "").strip():
                raise UserError(
                    self.env._("Say in the remark why “%s” is skipped.", task.name)
                )
        self._record(
            state="skipped", actual_stop=fields.Datetime.now(), done_by_id=self.env.uid
        )

    def _check_in_work(self, states):
        self.check_access("write")
        labels = dict(self._fields["state"]._description_selection(self.env))
        for task in self:
            if task.change_id.state != "implementation":
                raise UserError(
                    self.env._(
                        "Tasks are worked on while their change is in implementation. "
                        "Start %s first.",
                        task.change_id.display_name,
                    )
                )
            if task.state not in states:
                raise UserError(
                    self.env._(
                        "“%(task)s” is “%(state)s” already.",
                        task=task.name,
                        state=labels[task.state],
                    )
                )

    def _record(self, **vals):
        self.with_context(**{_KEY_NAME: _KEY}).write(vals)


class ItsmChange(models.Model):
    """A copy of a change has its tasks in the same order."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    def copy(self, default=None):
        copies = super().copy(default)
        for change, copy in zip(self, copies, strict=True):
            if len(change.task_ids) != len(copy.task_ids):
                # Told otherwise by `default`.
                continue
            pairs = zip(change.task_ids.sorted(), copy.task_ids.sorted(), strict=True)
            copied = dict(pairs)
            for task, new in copied.items():
                new.predecessor_ids = self.env["itsm.change.task"].concat(
                    *(copied[earlier] for earlier in task.predecessor_ids)
                )
        return copies
