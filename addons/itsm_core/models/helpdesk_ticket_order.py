from odoo import api, fields, models
from odoo.exceptions import UserError

from .helpdesk_ticket_stage import FINAL_STATES


class HelpdeskTicket(models.Model):
    """A ticket by which something was requested from the catalogue."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    order_id = fields.Many2one(
        "itsm.catalog.order",
        string="Catalogue Request",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )
    approval_state = fields.Selection(
        related="order_id.state",
        string="Approval",
        store=True,
        precompute=True,
        copy=False,
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )
    order_step_ids = fields.One2many(
        related="order_id.step_ids",
        string="Checklist",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("order_id") for vals in vals_list):
            raise UserError(self._order_message())
        return super().create(vals_list)

    def write(self, vals):
        if "order_id" in vals and not self.env.su:
            raise UserError(self._order_message())
        result = super().write(vals)
        if "stage_id" in vals:
            # sudo: a request follows its ticket, whoever moves that.
            orders = self.sudo().order_id.filtered(
                lambda order: (
                    order.state == "waiting" and order.ticket_state == "cancelled"
                )
            )
            orders._withdraw()
        return result

    @api.model
    def _order_message(self):
        return self.env._(
            "What was requested cannot be set by hand. Use the catalogue to request it."
        )

    @api.constrains("stage_id", "pending_reason", "order_id")
    def _check_order(self):
        """Work begins with the approval, and ends when the checklist is done."""
        for ticket in self:
            # sudo: what the gate looks at does not depend on who moves the ticket.
            order = ticket.sudo().order_id
            if not order:
                continue
            state = ticket.itsm_state
            waits = state == "pending" and ticket.pending_reason == "approval"
            if order.state == "waiting" and not waits and state != "cancelled":
                raise UserError(
                    self.env._(
                        "%(ticket)s waits for the approval of what was requested. "
                        "Nobody works on it before; it can only be cancelled.",
                        ticket=ticket.display_name,
                    )
                )
            if (
                order.state in ("refused", "cancelled")
                and state not in FINAL_STATES
                and not waits
            ):
                raise UserError(
                    self.env._(
                        "%(ticket)s was not approved. Press Ask Again on its catalogue "
                        "request, or let it be requested anew.",
                        ticket=ticket.display_name,
                    )
                )
            if state in ("resolved", "closed"):
                order._check_steps_done()

    def _get_portal_close_stages(self):
        stages = super()._get_portal_close_stages()
        # What waits for an approval is withdrawn, with a button of its own.
        return stages.browse() if self.order_id.state == "waiting" else stages

    def action_open_order(self):
        """Open what was requested."""
        self.ensure_one()
        return self.order_id.get_formview_action()


class ItsmCatalogOrder(models.Model):
    _name = "itsm.catalog.order"
    _inherit = ["itsm.catalog.order"]

    def _withdraw(self):
        """Take requests back whose ticket was cancelled."""
        if self:
            self._set_state("cancelled")
