from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .helpdesk_ticket_stage import UNFINISHED_STATES

#: Key for the code that declares and revokes. Clients send JSON, which cannot
#: carry this very object.
_KEY = object()
_KEY_NAME = "itsm_major_key"

#: Follow from what happens to a major incident, never set by a client.
DECLARATION_FIELDS = frozenset(
    {
        "is_major",
        "major_declared_at",
        "major_declared_by_id",
        "major_rule_id",
        "major_reason",
        "major_last_update",
        "major_reviewed_at",
        "major_reviewed_by_id",
    }
)

#: What makes up the severity that a major incident keeps.
SEVERITY_FIELDS = frozenset(
    {"ticket_type", "impact", "urgency", "priority", "priority_override", "company_id"}
)


class HelpdeskTicket(models.Model):
    """Who may change a major incident, and what of it stays as it was declared."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    def _write_major(self, vals):
        """Write what no client may write."""
        if self:
            self.with_context(**{_KEY_NAME: _KEY}).write(vals)

    def _may_lead(self):
        return self.major_manager_id == self.env.user or self.env.user.has_group(
            "itsm_core.group_manager"
        )

    def _check_may_lead(self):
        """Raise unless the user leads these major incidents, or is a manager.

        :raise AccessError: naming who may
        """
        for ticket in self:
            if not ticket._may_lead():
                raise AccessError(
                    self.env._(
                        "This is for the major incident manager of %(ticket)s "
                        "(%(user)s) and for process managers.",
                        ticket=ticket.display_name,
                        user=ticket.major_manager_id.name or self.env._("nobody yet"),
                    )
                )

    def _check_major_values(self, names):
        """Refuse what would get past the declaration or its manager.

        :param names: names of the fields about to be written
        """
        locked = DECLARATION_FIELDS.intersection(names)
        if locked:
            field = self._fields[min(locked)]
            raise UserError(
                self.env._(
                    "“%(field)s” cannot be set by hand. Use the buttons of the form "
                    "to declare, revoke, update or review a major incident.",
                    field=field._description_string(self.env),
                )
            )
        if "major_manager_id" in names or "major_update_interval" in names:
            self._check_may_lead()

    def _check_major_severity(self, before, vals):
        """Refuse a write that made major incidents less severe.

        :param dict before: ``{ticket: priority}`` of the open major ones
        :raise UserError: saying how it can be done
        """
        is_manager = self.env.user.has_group("itsm_core.group_manager")
        for ticket, priority in before.items():
            if ticket.ticket_type != "incident":
                raise UserError(
                    self.env._(
                        "%(ticket)s is a major incident and stays an incident. A "
                        "process manager can revoke that first.",
                        ticket=ticket.display_name,
                    )
                )
            if ticket.priority < priority and not (
                is_manager and vals.get("priority_override_reason")
            ):
                raise UserError(
                    self.env._(
                        "%(ticket)s is a major incident and cannot lose priority. "
                        "Only a process manager can lower it, by setting a priority "
                        "by hand with the reason.",
                        ticket=ticket.display_name,
                    )
                )

    @api.model
    def default_get(self, fields):
        """Leave out what nobody may choose, be it by context or as a user default."""
        defaults = super().default_get(fields)
        return {
            name: value
            for name, value in defaults.items()
            if name not in DECLARATION_FIELDS
        }

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_loading_history():
            return super().create(vals_list)
        for vals in vals_list:
            self._check_major_values([key for key, val in vals.items() if val])
        tickets = super().create(vals_list)
        self.env["itsm.major.rule"]._declare_for(tickets)
        return tickets

    def write(self, vals):
        if self.env.context.get(_KEY_NAME) is _KEY:
            # The key opens this write and nothing that happens inside it.
            unkeyed = self.with_context(**{_KEY_NAME: None})
            return super(HelpdeskTicket, unkeyed).write(vals)
        if self._is_loading_history():
            return super().write(vals)
        self._check_major_values(vals)
        severity = not SEVERITY_FIELDS.isdisjoint(vals)
        majors = self.browse()
        if severity or "stage_id" in vals:
            # sudo: a customer whose answer moves the ticket cannot read the field.
            majors = self.filtered(
                lambda ticket: (
                    ticket.sudo().is_major and ticket.itsm_state in UNFINISHED_STATES
                )
            )
        before = {ticket: ticket.priority for ticket in majors} if severity else {}
        result = super().write(vals)
        self._check_major_severity(before, vals)
        majors.filtered(
            lambda ticket: ticket.itsm_state in ("resolved", "closed")
        )._on_major_resolved()
        if severity or "service_id" in vals:
            self.env["itsm.major.rule"]._declare_for(self)
        return result
