from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.working_days import working_day_after


class ItsmCatalogOrder(models.Model):
    """Asking for the approval, and what its outcome does to the ticket."""

    _name = "itsm.catalog.order"
    _inherit = ["itsm.catalog.order"]

    def _approval_definitions(self):
        """Return the rules that the item names, where they match."""
        # sudo: who approves what does not depend on what the user may read.
        return {
            order: tiers & order.sudo().item_id.approval_ids.with_env(tiers.env)
            for order, tiers in super()._approval_definitions().items()
        }

    def _check_needs_no_approval(self):
        for order in self:
            if order.needs_approval:
                raise UserError(
                    self.env._("%s needs an approval first.", order.display_name)
                )

    # ------------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------------

    def reject_tier(self):
        """Ask for the reason, whatever the rule says about comments."""
        self.ensure_one()
        turn = self._approval_turn()
        if not turn:
            raise UserError(self._approval_no_turn_message())
        return self._add_comment("reject", turn)

    def _validate_tier(self, tiers=False):
        result = super()._validate_tier(tiers)
        # sudo: the last approval opens the gate, whoever gave it; the gate looks.
        order = self.sudo()
        reviews = order._approval_reviews()
        if reviews and all(review.status == "approved" for review in reviews):
            order._set_state("approved")
            order._begin_fulfilment()
        return result

    def _rejected_tier(self, tiers=False):
        # Before the tiers act: the reason is part of the decision.
        self.ensure_one()
        turn = self._approval_turn()
        reasons = [
            (review.comment or "").strip()
            for review in (tiers & turn if tiers else turn)
        ]
        reason = next(filter(None, reasons), "")
        if turn and not reason:
            raise UserError(
                self.env._(
                    "Say why you refuse %s: the reason is told to who requested it.",
                    self.display_name,
                )
            )
        result = super()._rejected_tier(tiers)
        # sudo: the decision cancels the ticket, which approvers need not see.
        self.sudo()._refuse(reason)
        return result

    def _refuse(self, reason):
        self._set_state("refused", refusal_reason=reason)
        self.ticket_id._itsm_move("cancelled")
        self._tell_requester(
            self.env._("Your request was refused: %s", reason),
        )

    def _begin_fulfilment(self):
        """Hand the ticket to the desk, and say when it should be there."""
        today = fields.Date.context_today(self)
        tests = {
            company: company._get_working_day_test() for company in self.company_id
        }
        for order in self:
            if order.expected_days:
                order.expected_date = working_day_after(
                    today, order.expected_days, tests[order.company_id]
                )
        waiting = self.ticket_id.filtered(lambda t: t.itsm_state == "pending")
        if waiting:
            waiting._itsm_move("new", pending_reason=False)
        for order in self.filtered("approved_date"):
            order._tell_requester(
                self.env._("Your request was approved. We start to work on it.")
            )

    def _tell_requester(self, text):
        """Write to who requested it, in the conversation of the ticket."""
        self.ensure_one()
        self.ticket_id.message_post(
            body=text,
            # The decision is not the desk's: it is no response of a person.
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            author_id=self.company_id.partner_id.id,
            partner_ids=self.requester_id.ids,
        )

    # ------------------------------------------------------------------
    # Asking again, withdrawing
    # ------------------------------------------------------------------

    def action_ask_again(self):
        """Put a refused or withdrawn request to approval again, as it is.

        :raise UserError: where it is neither, or nobody could approve it
        """
        self.ensure_one()
        self._check_own()
        if self.state not in ("refused", "cancelled"):
            raise UserError(
                self.env._(
                    "%(request)s is “%(state)s”: there is nothing to ask again.",
                    request=self.display_name,
                    state=self._workflow_state_label(self.state),
                )
            )
        # sudo: checked above; nobody has the right to write requests.
        order = self.sudo()
        order._set_state("waiting")
        order.ticket_id._itsm_move("pending", pending_reason="approval")
        order.request_validation()
        return True

    def action_withdraw(self):
        """Take back a request that waits for its approval.

        :raise UserError: where it was decided already
        """
        self.ensure_one()
        self._check_own()
        if self.state != "waiting":
            raise UserError(
                self.env._(
                    "%(request)s is “%(state)s”: it is too late to withdraw it. Write "
                    "to us in the conversation.",
                    request=self.display_name,
                    state=self._workflow_state_label(self.state),
                )
            )
        # sudo: checked above; cancelling the ticket takes the request back.
        self.sudo().ticket_id._itsm_move("cancelled")
        return True

    def _check_own(self):
        """Leave it to who requested it, to who gets it, and to agents.

        :raise UserError: for everybody else
        """
        self.check_access("read")
        people = self.sudo().requester_id | self.sudo().partner_id
        if self.env.user.partner_id not in people and not self.env.user.has_group(
            "itsm_core.group_user"
        ):
            raise UserError(
                self.env._(
                    "%s is not yours. Leave it to who requested it.",
                    self.display_name,
                )
            )
