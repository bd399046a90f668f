import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list, is_html_empty

from ..tools.workflow import index_transitions

_logger = logging.getLogger(__name__)

#: The key to the workflow field. What a client sends is JSON, in which this very
#: object cannot be written: whoever holds it is code of the server.
WORKFLOW_KEY = object()
WORKFLOW_KEY_NAME = "itsm_workflow_key"


class ItsmWorkflowMixin(models.AbstractModel):
    """A state that moves only along declared transitions.

    An adopter declares the selection field, its moves and what a state freezes::

        _workflow_field = "state"
        _workflow_initial = "draft"
        _workflow_transitions = (
            Transition("draft", "open", required=("owner_id",)),
            Transition("open", "done", groups=("...",), stamp=("done_date",)),
        )
        _workflow_locked_fields = {"done": ("name", "owner_id")}

    and offers the moves as buttons::

        <button name="action_set_state" args="['open']" type="object" .../>

    ``_set_state`` is the only way to change the field. Writing or creating it
    with another value is refused for everybody and through every door.
    """

    _name = "itsm.workflow.mixin"
    _description = "ITSM Workflow"

    _workflow_field = "state"
    _workflow_initial = None
    _workflow_transitions = ()
    _workflow_locked_fields = {}

    # Moving

    def action_set_state(self, target=False):
        """Move the records to `target`: the entry for buttons and for RPC.

        :raise UserError: where the move is not declared or a gate is closed.
        """
        self.check_access("write")
        self._set_state(target)
        return True

    def _set_state(self, target, **values):
        """Move the records to `target`, writing `values` before the gates look.

        Records that are in `target` already only take the values. Either all
        records move or none does.

        :raise UserError: where the move is not declared or a gate is closed.
        """
        name = self._workflow_field
        if not isinstance(target, str) or target not in self._workflow_states():
            raise self._workflow_unknown_error(target)
        if values:
            self.write(values)
        by_source = self.grouped(name)
        by_source.pop(target, None)
        index = index_transitions(self._workflow_transitions)
        for source, records in by_source.items():
            transition = index.get((source, target))
            if not transition:
                raise records._workflow_no_transition_error(source, target)
            records._check_transition(transition)
        for source, records in by_source.items():
            vals = records._prepare_transition_values(index[source, target])
            records.with_context(**{WORKFLOW_KEY_NAME: WORKFLOW_KEY}).write(vals)

    def _load_state(self, state, **values):
        """Put the records into `state` past all gates: the loader of history.

        For imports and demo data, where what happened elsewhere is recorded as
        it was. `values` may hold fields that the state freezes and the dates it
        would stamp. Logged on the server and on each record.

        :raise AccessError: unless the user is an administrator.
        """
        # Superuser mode is not enough: it does not say who asked.
        if not self.env.user._is_system():
            raise AccessError(
                self.env._("Only an administrator can load the history of records.")
            )
        if state not in self._workflow_states():
            raise self._workflow_unknown_error(state)
        _logger.info("History load by %s: %s to %s", self.env.user.login, self, state)
        self.with_context(**{WORKFLOW_KEY_NAME: WORKFLOW_KEY}).write(
            {**values, self._workflow_field: state}
        )
        if hasattr(self, "_message_log_batch"):
            body = self.env._(
                "Loaded from history as “%s”.", self._workflow_state_label(state)
            )
            self._message_log_batch(dict.fromkeys(self.ids, body))

    # Gates

    def _check_transition(self, transition):
        """Raise a ``UserError`` unless all records may make this move."""
        if transition.groups and not any(
            self.env.user.has_group(group) for group in transition.groups
        ):
            # sudo: names of groups only, for the sentence.
            names = [
                group.sudo().display_name
                for group in map(self.env.ref, transition.groups)
            ]
            raise UserError(
                self.env._(
                    "Moving %(record)s to “%(state)s” needs the role %(roles)s.",
                    record=self[:1].display_name,
                    state=self._workflow_state_label(transition.target),
                    roles=format_list(self.env, names, style="or"),
                )
            )
        for record in self:
            missing = record._workflow_missing(transition.required)
            if missing:
                raise UserError(
                    self.env._(
                        "%(record)s cannot move to “%(state)s” yet. Please fill in: "
                        "%(fields)s.",
                        record=record.display_name,
                        state=self._workflow_state_label(transition.target),
                        fields=", ".join(missing),
                    )
                )
        if transition.check:
            getattr(self, transition.check)()

    def _workflow_missing(self, required):
        """Return the labels of the `required` fields that are empty."""
        self.ensure_one()
        missing = []
        for entry in required:
            names = (entry,) if isinstance(entry, str) else entry
            if not any(self._workflow_says(name) for name in names):
                labels = [self._workflow_field_label(name) for name in names]
                missing.append(format_list(self.env, labels, style="or"))
        return missing

    def _workflow_says(self, name):
        """Return whether a field is filled in: blanks and empty tags say nothing."""
        value = self[name]
        field_type = self._fields[name].type
        if field_type == "html":
            return not is_html_empty(value)
        if field_type in ("char", "text"):
            return bool((value or "").strip())
        return bool(value)

    def _prepare_transition_values(self, transition):
        """Return the values that the move writes along with the state."""
        vals = dict.fromkeys(transition.clear, False)
        for name in transition.stamp:
            if self._fields[name].type == "date":
                vals[name] = fields.Date.context_today(self)
            else:
                vals[name] = fields.Datetime.now()
        vals[self._workflow_field] = transition.target
        return vals

    @api.model
    def _workflow_unknown_error(self, target):
        return UserError(
            self.env._(
                "“%(state)s” is not a state of %(model)s.",
                state=target,
                model=self._description,
            )
        )

    def _workflow_no_transition_error(self, source, target):
        possible = [
            self._workflow_state_label(transition.target)
            for transition in self._workflow_transitions
            if source in transition.sources
        ]
        if not possible:
            return UserError(
                self.env._(
                    "%(record)s is “%(current)s”, which is final. It cannot become "
                    "“%(target)s”.",
                    record=self[:1].display_name,
                    current=self._workflow_state_label(source),
                    target=self._workflow_state_label(target),
                )
            )
        return UserError(
            self.env._(
                "%(record)s cannot go from “%(current)s” to “%(target)s”. From here "
                "it can become: %(possible)s.",
                record=self[:1].display_name,
                current=self._workflow_state_label(source),
                target=self._workflow_state_label(target),
                possible=", ".join(possible),
            )
        )

    # Labels

    @api.model
    def _workflow_states(self):
        """Return ``{value: label}`` of the workflow field, translated."""
        field = self._fields[self._workflow_field]
        return dict(field._description_selection(self.env))

    @api.model
    def _workflow_state_label(self, state):
        return self._workflow_states().get(state, state)

    @api.model
    def _workflow_field_label(self, name):
        return self._fields[name]._description_string(self.env)

    @api.model
    def _workflow_first(self):
        """Return the state in which every record starts."""
        if self._workflow_initial:
            return self._workflow_initial
        return next(iter(self._workflow_states()))
