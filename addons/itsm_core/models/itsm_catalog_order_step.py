from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.uninstall import guard_unlink
from .helpdesk_ticket_stage import UNFINISHED_STATES


class ItsmCatalogOrderStep(models.Model):
    """One step of the checklist of a request: who did it, and when."""

    _name = "itsm.catalog.order.step"
    _description = "Step of a Catalogue Request"
    _order = "sequence, id"

    order_id = fields.Many2one(
        "itsm.catalog.order",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(related="order_id.company_id")
    sequence = fields.Integer(default=10, readonly=True)
    name = fields.Char(string="Step", required=True, readonly=True)
    instructions = fields.Text(readonly=True)
    is_public = fields.Boolean(string="Shown to the Customer", readonly=True)
    state = fields.Selection(
        [("todo", "To Do"), ("done", "Done"), ("skipped", "Not Needed")],
        required=True,
        readonly=True,
        default="todo",
    )
    done_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    done_date = fields.Datetime(string="Done On", readonly=True)
    can_work = fields.Boolean(compute="_compute_can_work")

    @api.depends_context("uid")
    @api.depends("order_id.state", "order_id.ticket_state")
    def _compute_can_work(self):
        agent = self.env.user.has_group("itsm_core.group_user")
        for step in self:
            step.can_work = (
                agent
                and step.order_id.state in ("free", "approved")
                and step.order_id.ticket_state in UNFINISHED_STATES
            )

    def action_done(self):
        """Tick the steps off, by name of the current user."""
        self._record("done")

    def action_skip(self):
        """Say that the steps are not needed this time."""
        self._record("skipped")

    def action_undo(self):
        """Take back what was ticked off by mistake."""
        self._record("todo")

    def _record(self, state):
        """Write down that steps are done or not needed, and by whom.

        :raise AccessError: for who does not work on the ticket
        :raise UserError: before the approval, and when the work is over
        """
        self.order_id._check_workable()
        done = state != "todo"
        # sudo: nobody has the right to write steps but by this method.
        self.sudo().write(
            {
                "state": state,
                "done_by_id": self.env.uid if done else False,
                "done_date": fields.Datetime.now() if done else False,
            }
        )
        labels = dict(self._fields["state"]._description_selection(self.env))
        for ticket, steps in self.grouped(lambda s: s.order_id.ticket_id).items():
            ticket._post_note(
                "\n".join(f"{step.name}: {labels[state]}" for step in steps)
            )

    @guard_unlink
    def _unlink_never(self):
        raise AccessError(
            self.env._("Steps of a request are kept. Say that one is not needed.")
        )


class ItsmCatalogOrder(models.Model):
    """The checklist of a request."""

    _name = "itsm.catalog.order"
    _inherit = ["itsm.catalog.order"]

    step_ids = fields.One2many(
        "itsm.catalog.order.step", "order_id", string="Checklist", readonly=True
    )
    progress = fields.Float(
        compute="_compute_progress", help="Share of the steps that are done, in %."
    )

    @api.depends("step_ids.state")
    def _compute_progress(self):
        for order in self:
            steps = order.step_ids
            done = steps.filtered(lambda step: step.state != "todo")
            order.progress = 100 * len(done) / len(steps) if steps else 0

    def _check_workable(self):
        """Leave the fulfilment to who works on the ticket, while there is work.

        :raise AccessError: for who does not work on the ticket
        :raise UserError: before the approval, and when the work is over
        """
        # Whoever may write the ticket works on it.
        self.ticket_id.check_access("write")
        for order in self:
            if order.state not in ("free", "approved"):
                raise UserError(
                    self.env._(
                        "%(request)s is “%(state)s”: nobody works on it before it is "
                        "approved.",
                        request=order.display_name,
                        state=order._workflow_state_label(order.state),
                    )
                )
            if order.ticket_state not in UNFINISHED_STATES:
                raise UserError(
                    self.env._(
                        "The work on %s is over. Reopen its ticket first.",
                        order.display_name,
                    )
                )

    def _check_steps_done(self):
        """Refuse to end what is not done yet.

        :raise UserError: naming the steps
        """
        for order in self:
            open_steps = order.step_ids.filtered(lambda step: step.state == "todo")
            if open_steps:
                raise UserError(
                    self.env._(
                        "%(request)s: still to be done: %(steps)s. Tick it off, or say "
                        "that it is not needed.",
                        request=order.display_name,
                        steps=", ".join(open_steps.mapped("name")),
                    )
                )
