from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list

from ..tools.uninstall import is_uninstalling
from .itsm_approval_mixin import OPEN_STATUSES

# Written by the approval itself, never by a client.
APPROVAL_FIELDS = frozenset(("review_ids", "reviewer_ids", "validation_status"))


class ItsmApprovalGate(models.AbstractModel):
    """The gate that an approval opens, and the content that it covers."""

    _name = "itsm.approval.mixin"
    _inherit = ["itsm.approval.mixin"]

    @api.constrains(lambda self: self._approval_excluded_fields)
    def _check_approval_excluded_fields(self):
        self._check_four_eyes(self._approval_reviews_sudo())

    def _check_four_eyes(self, reviews):
        for review in reviews.filtered(lambda review: review.status == "approved"):
            record = self.browse(review.res_id)
            if review.done_by in record.sudo()._approval_excluded_users():
                raise ValidationError(
                    self.env._(
                        "%(user)s approved %(record)s and can therefore not own it "
                        "or carry it out.",
                        user=review.done_by.name,
                        record=record.display_name,
                    )
                )

    def _check_transition(self, transition):
        result = super()._check_transition(transition)
        states = set(self.mapped(self._workflow_field))
        if transition.target in self._state_to and states.isdisjoint(self._state_to):
            self._check_approved()
        return result

    def _check_approved(self):
        """Raise a ``UserError`` unless every record is approved as it stands."""
        reviews = self._approval_reviews_sudo()
        by_record = reviews.grouped("res_id")
        for record, definitions in self._approval_definitions().items():
            tiers = by_record.get(record.id, reviews.browse())
            if not tiers:
                if not definitions:
                    record._check_approvable(definitions)
                raise UserError(
                    self.env._(
                        "%(record)s needs an approval first. Request it on the form.",
                        record=record.display_name,
                    )
                )
            undecided = tiers.filtered(lambda review: review.status != "approved")
            missing = definitions - tiers.definition_id
            if undecided or missing:
                names = (undecided.definition_id | missing).mapped("name")
                raise UserError(
                    self.env._(
                        "%(record)s is not approved. Missing: %(tiers)s.",
                        record=record.display_name,
                        tiers=format_list(self.env, names),
                    )
                )
        self._check_four_eyes(reviews)

    def _set_state(self, target, **values):
        leaving = self.browse()
        if target == self._cancel_state:
            leaving = self
        elif target in self._state_from:
            leaving = self.filtered(
                lambda record: record[self._workflow_field] not in self._state_from
            )
        result = super()._set_state(target, **values)
        leaving._approval_void(
            self.env._("now “%s”", self._workflow_state_label(target))
        )
        return result

    @api.model
    def _approval_uncovered_fields(self):
        """Return the names of the fields that may change under an approval."""
        names = {self._workflow_field, *self._approval_free_fields, *APPROVAL_FIELDS}
        for transition in self._workflow_transitions:
            names.update(transition.stamp)
        for mixin in ("mail.thread", "mail.activity.mixin"):
            names.update(set(self.env[mixin]._fields) - {"id", "display_name"})
        return names

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_approval_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not self._workflow_keyed():
            self._check_approval_fields(vals)
            content = set(vals) - self._approval_uncovered_fields()
            for name in sorted(content):
                self._workflow_changed(name, vals[name])._approval_content_changes(
                    self._workflow_field_label(name)
                )
        return super().write(vals)

    def _check_approval_fields(self, vals):
        if any(vals.get(name) for name in APPROVAL_FIELDS):
            raise UserError(
                self.env._(
                    "An approval cannot be written. Use the buttons of the form to ask "
                    "for it or to decide on it."
                )
            )

    def _approval_content_changes(self, label):
        """Take note that covered content, named by `label`, is about to change.

        To be called by models that hold parts of the content (lines) as well.

        :raise UserError: behind the gate, where the content is frozen.
        """
        for record in self:
            state = record[self._workflow_field]
            if state not in self._state_from:
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”: “%(field)s” can no longer be "
                        "changed, as the approval covers it.",
                        record=record.display_name,
                        state=self._workflow_state_label(state),
                        field=label,
                    )
                )
        self._approval_void(self.env._("“%s” was changed", label))

    def _approval_void(self, reason):
        """Archive the reviews that count, so that an approval must be asked anew."""
        reviews = self._approval_reviews_sudo()._with_key() if self else None
        if not reviews:
            return
        reviews.filtered(lambda review: review.status in OPEN_STATUSES).write(
            {"status": "cancel"}
        )
        reviews.write({"active": False})
        records = self.browse(set(reviews.mapped("res_id")))
        records.invalidate_recordset(["review_ids"])
        if hasattr(self, "_message_log_batch"):
            body = self.env._("The approval no longer holds: %s.", reason)
            records._message_log_batch(dict.fromkeys(records.ids, body))

    def unlink(self):
        # Here and not as @api.ondelete: the tiers delete their reviews before.
        if not is_uninstalling(self.env):
            self._check_never_reviewed()
        return super().unlink()

    def _check_never_reviewed(self):
        # sudo and archived ones too: evidence that the user may not see.
        review = (
            self.env["tier.review"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("active", "in", [True, False]),
                ],
                limit=1,
            )
        )
        if review:
            raise UserError(
                self.env._(
                    "%(record)s was put to approval and cannot be deleted. Cancel or "
                    "archive it.",
                    record=self.browse(review.res_id).display_name,
                )
            )
