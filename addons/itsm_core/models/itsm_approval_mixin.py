from odoo import api, fields, models

OPEN_STATUSES = ("waiting", "pending")


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

    # States in which the approval is asked for; none: all those before the gate.
    _approval_request_states = ()
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
        named = self._approval_named(definition)
        return named - self._approval_excluded_users()

    def _approval_named(self, definition):
        """Return the users whom `definition` names, with a part in it or not.

        Who left, who cannot open such records and who does not work for the company
        of this one could never decide, and does not count.
        """
        self.ensure_one()
        if definition.review_type == "field":
            named = self[definition.reviewer_field_id.name]
        elif definition.review_type == "group":
            named = definition.reviewer_group_id
        else:
            named = definition.reviewer_id
        users = named.all_user_ids if named._name == "res.groups" else named
        return users.filtered(self._approval_may_open)

    def _approval_may_open(self, user):
        """Return whether a user is there and may open records such as this one."""
        company = self[self._tier_validation_company_field]
        return (
            user.active
            and (not company or company in user.company_ids)
            and self.browse().with_user(user).has_access("read")
        )

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

    def _approval_reviews_sudo(self):
        # sudo: the gate judges by all reviews, not by those the user may read.
        return self.sudo()._approval_reviews()

    # The doors of base_tier_validation that are closed or replaced above. Context
    # keys such as skip_validation_check are looked at there alone.

    def _tier_validation_check_state_on_write(self, vals):
        """Nothing: the state moves by ``_set_state``, which asks the gate."""

    def _tier_validation_check_write_allowed(self, vals):
        """Nothing: ``write`` guards the content."""

    def _tier_validation_check_write_remove_reviews(self, vals):
        """Nothing: reviews are archived by ``_set_state``."""

    @property
    def _approval_asked_in(self):
        return self._approval_request_states or self._state_from

    def _check_state_from_condition(self):
        return self[self._workflow_field] in self._state_from

    # Screens

    @api.model
    def _get_tier_validation_readonly_domain(self):
        return f"{self._workflow_field} not in {list(self._state_from)!r}"

    @api.model
    def _get_all_validation_exceptions(self):
        return list(self._approval_uncovered_fields())
