from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from .helpdesk_ticket_stage import FINAL_STATES

#: What was recorded of the work. It stays as it was when the work ended.
CONTENT_FIELDS = (
    "affected_partner_id",
    "category_id",
    "channel_id",
    "ci_ids",
    "description",
    "due_date",
    "impact",
    "name",
    "parent_id",
    "partner_id",
    "priority",
    "priority_override",
    "priority_override_reason",
    "resolution",
    "resolution_code_id",
    "service_id",
    "team_id",
    "ticket_type",
    "urgency",
    "user_id",
)
#: Kept by the system, though no fact: nobody sets them through any door.
SYSTEM_FIELDS = frozenset(
    {
        "access_token",
        "assigned_date",
        "event_fingerprint",
        "event_source_id",
        "is_event_storm",
        "last_stage_update",
    }
)


class HelpdeskTicket(models.Model):
    """What of a ticket cannot be changed, or not any more."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    @api.constrains("name")
    def _check_name(self):
        for ticket in self:
            if not (ticket.name or "").strip():
                raise ValidationError(
                    self.env._(
                        "Give %(ticket)s a title: what is wrong or wanted, in a few "
                        "words.",
                        ticket=ticket.number,
                    )
                )

    @api.constrains("user_id")
    def _check_user(self):
        # sudo: whether somebody is a colleague is all that is asked.
        for user in self.sudo().user_id.filtered("share"):
            raise ValidationError(
                self.env._(
                    "%(user)s is a customer and works on no tickets. Assign an agent.",
                    user=user.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_system_fields(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_system_fields(vals)
        if "number" in vals and any(ticket.number != vals["number"] for ticket in self):
            raise UserError(self.env._("The number of a ticket stays as it was given."))
        self._check_not_over(vals)
        return super().write(vals)

    def _check_system_fields(self, vals):
        """Refuse values that only the system sets.

        :raise UserError: naming the fields
        """
        refused = SYSTEM_FIELDS.intersection(vals)
        if refused and not self.env.su:
            labels = [
                self._fields[name]._description_string(self.env)
                for name in sorted(refused)
            ]
            raise UserError(
                self.env._(
                    "%(fields)s cannot be set by hand.", fields=", ".join(labels)
                )
            )

    def _check_not_over(self, vals):
        """Refuse to rewrite tickets that are closed or cancelled.

        What reopens a ticket may change it in the same go.

        :raise UserError: naming the tickets and what to do
        """
        if self.env.su or self._is_loading_history():
            return
        names = [name for name in CONTENT_FIELDS if name in vals]
        if not names:
            return
        stage = self.env["helpdesk.ticket.stage"].browse(vals.get("stage_id"))
        if stage and stage.itsm_state not in FINAL_STATES:
            return
        over = self.filtered(lambda ticket: ticket.itsm_state in FINAL_STATES)
        if over:
            raise UserError(
                self.env._(
                    "%(tickets)s: the work is over, so “%(field)s” stays as it is. "
                    "Reopen the ticket to change it.",
                    tickets=", ".join(over[:10].mapped("number")),
                    field=self._fields[names[0]]._description_string(self.env),
                )
            )

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Make the form read-only where the work is over."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            lock = f"itsm_state in {FINAL_STATES!r}"
            for node in arch.xpath("//field[@name][not(ancestor::field)]"):
                if node.get("name") in CONTENT_FIELDS:
                    own = node.get("readonly")
                    node.set("readonly", f"({own}) or {lock}" if own else lock)
        return arch, view
