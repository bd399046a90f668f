from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import clean_context, format_list

from ..tools.uninstall import is_uninstalling

OPEN_STATUSES = ("waiting", "pending")
# Written by the approval itself, never by a client.
APPROVAL_FIELDS = frozenset(("review_ids", "reviewer_ids", "validation_status"))


class ItsmApprovalMixin(models.AbstractModel):
    """A workflow with a gate that only an approval opens.

    Built on the tiers of OCA ``base_tier_validation``: who approves what is
    defined there, in records. An adopter declares, besides its workflow, the
    states before and behind the gate::

        _state_from = ["draft", "assessed"]
        _state_to = ["scheduled"]
        _cancel_state = "cancelled"
        _approval_free_fields = ("actual_start", "actual_stop")

    Unlike the tiers alone, this is a lock. Only those whom the definitions name
    approve, and never who asked, raised, owns or carries out the record. Without
    a matching definition nothing passes. The approval covers the content: editing
    it before the gate withdraws the approval, behind the gate it is refused.
    Reviews are kept: archived where they no longer count, never deleted.
    """

    _name = "itsm.approval.mixin"
    _description = "ITSM Approval"
    _inherit = ["itsm.workflow.mixin", "tier.validation"]

    _tier_validation_manual_config = False

    # Fields of users or partners who must not approve.
    _approval_excluded_fields = ("owner_id", "create_uid")
    # Fields that the approval does not cover.
    _approval_free_fields = ()

    review_ids = fields.One2many(
        domain=lambda self: [("model", "=", self._name), ("active", "=", True)],
    )

    @property
    def _state_field(self):
        return self._workflow_field

    # Who and what

    def _approval_definitions(self):
        """Return ``{record: definitions}``, those of the first tier first.

        A record of no company is matched by definitions of no company alone.
        """
        # sudo: the rules apply to all, also to who may not read them.
        records = self.sudo()
        company_name = self._tier_validation_company_field
        definitions = (
            self.env["tier.definition"]
            .sudo()
            .with_context(active_test=True)
            .search(
                [
                    ("model", "=", self._name),
                    ("company_id", "in", [False, *records[company_name].ids]),
                ],
                order="sequence desc, id",
            )
        )
        matches = dict.fromkeys(records, definitions.browse())
        for definition in definitions:
            for record in records.evaluate_tier(definition):
                if definition.company_id in (
                    record[company_name],
                    self.env["res.company"],
                ):
                    matches[record] |= definition
        return {record.with_env(self.env): tiers for record, tiers in matches.items()}

    def _approval_reviewers(self, definition):
        """Return the users who may approve this record under `definition`."""
        self.ensure_one()
        if definition.review_type == "field":
            named = self[definition.reviewer_field_id.name]
        elif definition.review_type == "group":
            named = definition.reviewer_group_id
        else:
            named = definition.reviewer_id
        users = named.all_user_ids if named._name == "res.groups" else named
        return users.filtered("active") - self._approval_excluded_users()

    def _approval_candidates(self, definition):
        """Return the users who could approve if the current user asks."""
        # sudo: who may approve does not depend on what the current user may read.
        return self.sudo()._approval_reviewers(definition) - self.env.user

    def _approval_excluded_users(self):
        """Return the users who must not approve this record."""
        self.ensure_one()
        users = self.env["res.users"]
        for name in self._approval_excluded_fields:
            value = self[name]
            users |= value.user_ids if value._name == "res.partner" else value
        return users

    def _approval_turn(self):
        """Return the open reviews on which the current user may decide now."""
        self.ensure_one()
        self.check_access("read")
        reviews = self._approval_reviews().filtered(
            lambda review: review.status in OPEN_STATUSES
        )
        turn = previous = reviews.browse()
        for review in reviews:
            is_first = review.sequence == reviews[0].sequence
            is_bypassed = review.approve_sequence_bypass and previous in turn
            if self.env.user in review._get_reviewers() and (
                is_first or is_bypassed or not review.approve_sequence
            ):
                turn |= review
            previous = review
        return turn

    def _approval_reviews(self):
        """Return the reviews that count, read afresh, in the order of the tiers."""
        return self.env["tier.review"].search(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("active", "=", True),
            ],
            order="res_id, sequence, id",
        )

    def _approval_no_turn_message(self):
        self.ensure_one()
        reviews = self._approval_reviews()
        name = self.display_name
        pending = reviews.filtered(lambda review: review.status in OPEN_STATUSES)
        if not pending:
            return self.env._("No approval of %(record)s is pending.", record=name)
        # sudo: the four eyes apply to all, also to who may not read the field.
        excluded = self.sudo()._approval_excluded_users() | pending.requested_by
        if self.env.user in excluded:
            return self.env._(
                "You asked for, raised, own or carry out %(record)s. Somebody else "
                "has to approve it.",
                record=name,
            )
        return self.env._(
            "You cannot decide on %(record)s now. It waits for: %(names)s.",
            record=name,
            names=", ".join(filter(None, pending.mapped("todo_by"))),
        )

    # Asking

    def _compute_need_validation(self):
        # Always needed: where no definition matches, asking says so.
        for record in self:
            record.need_validation = bool(
                record.ids
                and not record.review_ids
                and record[self._workflow_field] in self._state_from
            )

    @api.depends("review_ids.active")
    def _compute_validation_status(self):
        return super()._compute_validation_status()

    def request_validation(self):
        """Ask for the approval of the records.

        :return: the reviews created.
        :raise UserError: where it was asked already, does not fit the state, or
            where no definition or nobody at all could approve.
        """
        self.check_access("write")
        for record in self:
            if record[self._workflow_field] not in self._state_from:
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”: it is too late to ask for an "
                        "approval.",
                        record=record.display_name,
                        state=self._workflow_state_label(record[self._workflow_field]),
                    )
                )
        for review in self._approval_reviews():
            record = self.browse(review.res_id)
            raise UserError(
                self.env._(
                    "The approval of %(record)s was asked for already.",
                    record=record.display_name,
                )
            )
        vals_list = []
        for record, definitions in self._approval_definitions().items():
            record._check_approvable(definitions)
            vals_list += [
                record._prepare_tier_review_vals(definition, sequence)
                for sequence, definition in enumerate(definitions, start=1)
            ]
        Review = self.env["tier.review"].with_context(clean_context(self.env.context))
        reviews = Review._with_key().create(vals_list)
        # Computed values that a default kept by the user may have set.
        for name in (
            "can_review",
            "company_id",
            "is_guarded",
            "reviewer_ids",
            "todo_by",
        ):
            self.env.add_to_compute(reviews._fields[name], reviews)
        reviews = self.env["tier.review"].browse(reviews.ids)
        reviews._update_review_status()
        if any(self.mapped("can_review")):
            self._update_counter({"review_created": True})
        self._notify_review_requested(reviews)
        return reviews

    def _check_approvable(self, definitions):
        """Raise unless there is a definition, and someone to approve under each."""
        self.ensure_one()
        if not definitions:
            raise UserError(
                self.env._(
                    "No approval rule covers %(record)s, so nobody may approve it. Ask "
                    "an administrator to define one under Settings, Technical, Tier "
                    "Validations.",
                    record=self.display_name,
                )
            )
        for definition in definitions:
            if not self._approval_candidates(definition):
                raise UserError(
                    self.env._(
                        "Nobody may approve %(record)s under “%(rule)s”: who asks "
                        "for, raised, owns or carries out a record cannot approve it. "
                        "Let a colleague ask, or name another approver.",
                        record=self.display_name,
                        rule=definition.name,
                    )
                )

    def _prepare_tier_review_vals(self, definition, sequence):
        # Everything is said here: a default of the client must not decide.
        return {
            **super()._prepare_tier_review_vals(definition, sequence),
            "active": True,
            "comment": False,
            "done_by": False,
            "last_reminder_date": False,
            "reviewed_date": False,
            "status": "waiting",
        }

    # Deciding

    def _validate_tier(self, tiers=False):
        self.ensure_one()
        keyed, reviews = self._approval_open(tiers)
        return super(ItsmApprovalMixin, keyed)._validate_tier(reviews)

    def _rejected_tier(self, tiers=False):
        self.ensure_one()
        keyed, reviews = self._approval_open(tiers)
        return super(ItsmApprovalMixin, keyed)._rejected_tier(reviews)

    def _approval_open(self, tiers):
        """Return the record and its reviews with the key, where it is our turn."""
        reviews = self._approval_turn()
        if tiers:
            reviews &= tiers
        if not reviews:
            raise UserError(self._approval_no_turn_message())
        reviews = reviews._with_key()
        # The stored list may be older than the definitions, or forged.
        reviews._compute_reviewer_ids()
        return self.with_env(reviews.env), reviews

    @api.constrains(lambda self: self._approval_excluded_fields)
    def _check_approval_excluded_fields(self):
        self._check_four_eyes(self._approval_reviews_sudo())

    def _approval_reviews_sudo(self):
        # sudo: the gate judges by all reviews, not by those the user may read.
        return self.sudo()._approval_reviews()

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

    # Gate

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

    # Content

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

    def restart_validation(self):
        """Withdraw the request or the approval, so that it can be asked anew."""
        self.check_access("write")
        for record in self:
            if record[self._workflow_field] not in self._state_from:
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”: its approval can no longer be "
                        "withdrawn.",
                        record=record.display_name,
                        state=self._workflow_state_label(record[self._workflow_field]),
                    )
                )
        reviews = self._approval_reviews()
        self._approval_void(self.env._("withdrawn by %s", self.env.user.name))
        notified = reviews.filtered("definition_id.notify_on_restarted")
        for record in self.browse(set(notified.mapped("res_id"))):
            record._notify_restarted_review()

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

    # The doors of base_tier_validation that are closed or replaced above. Context
    # keys such as skip_validation_check are looked at there alone.

    def _tier_validation_check_state_on_write(self, vals):
        """Nothing: the state moves by ``_set_state``, which asks the gate."""

    def _tier_validation_check_write_allowed(self, vals):
        """Nothing: ``write`` guards the content."""

    def _tier_validation_check_write_remove_reviews(self, vals):
        """Nothing: reviews are archived by ``_set_state``."""

    def _check_state_from_condition(self):
        return self[self._workflow_field] in self._state_from

    # Screens

    @api.model
    def _get_tier_validation_readonly_domain(self):
        return f"{self._workflow_field} not in {list(self._state_from)!r}"

    @api.model
    def _get_all_validation_exceptions(self):
        return list(self._approval_uncovered_fields())
