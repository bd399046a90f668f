from dataclasses import replace

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import clean_context, format_list

from .itsm_approval_mixin import OPEN_STATUSES


class ItsmApprovalRequest(models.AbstractModel):
    """Asking for an approval, deciding on it and taking it back."""

    _name = "itsm.approval.mixin"
    _inherit = ["itsm.approval.mixin"]

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

    def _compute_need_validation(self):
        # Always needed: where no definition matches, asking says so.
        for record in self:
            record.need_validation = bool(
                record.ids
                and not record.review_ids
                and record[self._workflow_field] in self._approval_asked_in
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
            if record[self._workflow_field] not in self._approval_asked_in:
                states = map(self._workflow_state_label, self._approval_asked_in)
                raise UserError(
                    self.env._(
                        "%(record)s is “%(state)s”: its approval is asked for in "
                        "“%(asked)s”, when all is there that is to be approved.",
                        record=record.display_name,
                        state=self._workflow_state_label(record[self._workflow_field]),
                        asked=format_list(self.env, list(states), style="or"),
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
        self._check_still_complete()
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

    def _check_still_complete(self):
        """Check anew what it took to get where the approval is asked for.

        The content may be edited there, and who approves follows from the content.
        """
        for transition in self._workflow_transitions:
            if transition.target in self._approval_request_states:
                self.filtered(
                    lambda record, state=transition.target: (
                        record[self._workflow_field] == state
                    )
                )._check_transition(replace(transition, groups=()))

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
            if self._approval_candidates(definition):
                continue
            # sudo: who may approve does not depend on what the user may read.
            if not self.sudo()._approval_named(definition):
                raise self._nobody_named_error(definition)
            raise UserError(
                self.env._(
                    "Nobody may approve %(record)s under “%(rule)s”: who asks "
                    "for, raised, owns or carries out a record cannot approve it. "
                    "Let a colleague ask, or name another approver.",
                    record=self.display_name,
                    rule=definition.name,
                )
            )

    def _nobody_named_error(self, definition):
        if definition.review_type == "group":
            # sudo: the name of a group only, for the sentence.
            role = definition.sudo().reviewer_group_id.name
            return UserError(
                self.env._(
                    "Nobody may approve %(record)s under “%(rule)s”: no user who may "
                    "open it has the role “%(role)s” yet. An administrator gives it to "
                    "somebody under Settings, Users. Then ask again.",
                    record=self.display_name,
                    rule=definition.name,
                    role=role,
                )
            )
        return UserError(
            self.env._(
                "Nobody may approve %(record)s under “%(rule)s”: it names no user who "
                "is active and may open it. Name another, or have an administrator "
                "give the role of an agent, then ask again.",
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

    def _validate_tier(self, tiers=False):
        self.ensure_one()
        keyed, reviews = self._approval_open(tiers)
        result = super(ItsmApprovalRequest, keyed)._validate_tier(reviews)
        self._tell_decision(reviews, self._get_accepted_notification_subtype())
        return result

    def _rejected_tier(self, tiers=False):
        self.ensure_one()
        keyed, reviews = self._approval_open(tiers)
        result = super(ItsmApprovalRequest, keyed)._rejected_tier(reviews)
        self._tell_decision(reviews, self._get_rejected_notification_subtype())
        return result

    def _tell_decision(self, reviews, subtype):
        """Write into the history, and tell followers, what was just decided.

        The tiers tell who is next, and nobody where an approver was the last.
        """
        if not hasattr(self, "message_post"):
            return
        labels = dict(reviews._fields["status"]._description_selection(self.env))
        for review in reviews.filtered(lambda review: review.done_by == self.env.user):
            text = self.env._(
                "%(rule)s: %(decision)s",
                rule=review.definition_id.name,
                decision=labels[review.status],
            )
            # sudo: who approves need not be allowed to write.
            self.sudo().message_post(
                body=f"{text}. {review.comment}" if review.comment else text,
                subtype_xmlid=subtype,
            )

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
