from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .helpdesk_ticket_stage import UNFINISHED_STATES


class HelpdeskTicket(models.Model):
    """Tickets that hang together: parents with children, follow-ups."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    parent_id = fields.Many2one(
        "helpdesk.ticket",
        string="Parent Ticket",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        copy=False,
        check_company=True,
        domain="[('id', '!=', id)]",
    )
    child_ids = fields.One2many("helpdesk.ticket", "parent_id", string="Children")
    child_count = fields.Integer(compute="_compute_child_counts")
    open_child_count = fields.Integer(compute="_compute_child_counts")
    follow_up_of_id = fields.Many2one(
        "helpdesk.ticket",
        string="Follow-up Of",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
        help="The closed ticket that this one continues.",
    )

    @api.depends("child_ids.itsm_state")
    def _compute_child_counts(self):
        counts = self._count_by("parent_id", self)
        for ticket in self:
            ticket.child_count, ticket.open_child_count = counts[ticket._origin]

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A ticket cannot be its own parent, directly or further up.")
            )

    def _get_open_descendants(self):
        """Return the unfinished tickets below these, at any depth."""
        level = self
        seen = self
        found = self.browse()
        while level:
            level = (
                self.search(
                    [("parent_id", "in", level.ids), ("id", "not in", seen.ids)]
                )
                - seen
            )
            seen |= level
            found |= level.filtered(
                lambda ticket: ticket.itsm_state in UNFINISHED_STATES
            )
        return found

    def action_open_children(self):
        """Show the children of this ticket."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Children of %s", self.display_name),
            "res_model": "helpdesk.ticket",
            "view_mode": "list,form",
            "domain": [("parent_id", "=", self.id)],
            "context": {
                "default_parent_id": self.id,
                "default_service_id": self.service_id.id,
                "default_ticket_type": self.ticket_type,
            },
        }
