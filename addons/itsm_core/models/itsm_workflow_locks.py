from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

from .itsm_workflow_mixin import WORKFLOW_KEY, WORKFLOW_KEY_NAME


class ItsmWorkflowLocks(models.AbstractModel):
    """What keeps a workflow's state, and the fields it freezes, from being written.

    See ``itsm_workflow_mixin.py`` for the moves, which hold the key.
    """

    _name = "itsm.workflow.mixin"
    _inherit = ["itsm.workflow.mixin"]

    @api.model
    def default_get(self, fields):
        # A default kept by the user or sent in the context does not choose.
        stamped = self._workflow_stamped_fields()
        defaults = {
            name: value
            for name, value in super().default_get(fields).items()
            if name not in stamped
        }
        if self._workflow_field in fields:
            defaults[self._workflow_field] = self._workflow_first()
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        name = self._workflow_field
        first = self._workflow_first()
        stamped = self._workflow_stamped_fields()
        for vals in vals_list:
            for field_name in sorted(stamped.intersection(vals)):
                if vals[field_name]:
                    raise self._workflow_stamped_error(field_name)
            if vals.get(name, first) != first:
                raise UserError(
                    self.env._(
                        "A new record of %(model)s starts as “%(first)s”, not as "
                        "“%(state)s”. Create it without a state and move it then.",
                        model=self._description,
                        first=self._workflow_state_label(first),
                        state=self._workflow_state_label(vals[name]),
                    )
                )
        return super().create([{**vals, name: first} for vals in vals_list])

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for name in {self._workflow_field, *self._workflow_stamped_fields()}:
            if name not in (default or {}):
                for vals in vals_list:
                    vals.pop(name, None)
        return vals_list

    def write(self, vals):
        context = {}
        if self._workflow_keyed():
            # The key opens this write and nothing that happens inside it.
            context[WORKFLOW_KEY_NAME] = None
        else:
            self._check_workflow_write(vals)
        if not self.env.is_system():
            # Only administrators may work without leaving a trace.
            context.update(tracking_disable=False, mail_notrack=False)
        traced = self.with_context(**context)
        return super(ItsmWorkflowLocks, traced).write(vals)

    def _workflow_keyed(self):
        """Return whether the write comes from the workflow itself."""
        return self.env.context.get(WORKFLOW_KEY_NAME) is WORKFLOW_KEY

    def _check_workflow_write(self, vals):
        """Raise a ``UserError`` where `vals` touches the state or locked fields."""
        name = self._workflow_field
        if name in vals and any(record[name] != vals[name] for record in self):
            raise UserError(
                self.env._(
                    "“%(field)s” of %(model)s cannot be written. Use the buttons of "
                    "the form.",
                    field=self._workflow_field_label(name),
                    model=self._description,
                )
            )
        for field_name in sorted(self._workflow_stamped_fields().intersection(vals)):
            if self._workflow_changed(field_name, vals[field_name]):
                raise self._workflow_stamped_error(field_name)
        if not any(self._workflow_locked_fields.values()):
            return
        for state, records in self.grouped(name).items():
            locked = set(vals).intersection(self._workflow_locked_fields.get(state, ()))
            for field_name in sorted(locked):
                changed = records._workflow_changed(field_name, vals[field_name])
                if changed:
                    raise UserError(
                        self.env._(
                            "%(record)s is “%(state)s”: “%(field)s” can no longer "
                            "be changed.",
                            record=changed[0].display_name,
                            state=self._workflow_state_label(state),
                            field=self._workflow_field_label(field_name),
                        )
                    )

    @api.model
    def _workflow_stamped_fields(self):
        """Return the names of the dates that only the moves set.

        What a move merely clears is not among them: people fill that in.
        """
        return {
            name
            for transition in self._workflow_transitions
            for name in transition.stamp
        }

    @api.model
    def _workflow_stamped_error(self, name):
        return UserError(
            self.env._(
                "“%(field)s” of %(model)s cannot be set by hand: it is the date of a "
                "move. Leave it out and use the buttons of the form.",
                field=self._workflow_field_label(name),
                model=self._description,
            )
        )

    def _workflow_changed(self, name, value):
        """Return the records on which writing `value` would change the field."""
        field = self._fields[name]
        if field.type in ("one2many", "many2many", "properties"):
            # Commands and partial values: whoever sends them means a change.
            return self
        return self.filtered(
            lambda record: (
                field.convert_to_cache(value, record)
                != field.convert_to_cache(record[name], record)
            )
        )

    # Screens

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Make the locked fields read-only, in the states that lock them.

        Stamped dates are so in all states, in lists too, which can be editable.
        """
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type not in ("form", "list"):
            return arch, view
        stamped = self._workflow_stamped_fields()
        for node in arch.xpath("//field[@name][not(ancestor::field)]"):
            if node.get("name") in stamped:
                node.set("readonly", "True")
        if view_type != "form":
            return arch, view
        states_by_field = defaultdict(list)
        for state, names in self._workflow_locked_fields.items():
            for name in names:
                states_by_field[name].append(state)
        for node in arch.xpath("//field[@name][not(ancestor::field)]"):
            states = states_by_field.get(node.get("name"))
            if states:
                lock = f"{self._workflow_field} in {states!r}"
                readonly = node.get("readonly")
                node.set("readonly", f"({readonly}) or {lock}" if readonly else lock)
        return arch, view
