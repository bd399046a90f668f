from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.itsm_core.tools.boolean_search import boolean_search

from .itsm_sla_clock_sync import CONTACT_FIELDS

#: So many tickets are looked up by their ids rather than by their clocks.
FEW_CLOCKS = 5000


class HelpdeskTicket(models.Model):
    """What a ticket is promised, and how it stands."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    sla_clock_ids = fields.One2many(
        "itsm.sla.clock",
        "ticket_id",
        string="Service Levels",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )
    is_sla_missed = fields.Boolean(
        string="Target Missed",
        compute="_compute_sla_status",
        search="_search_is_sla_missed",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )
    is_sla_paused = fields.Boolean(
        string="Clock Paused",
        compute="_compute_sla_status",
        search="_search_is_sla_paused",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )

    is_measured = fields.Boolean(
        compute="_compute_is_measured",
        help="A service level agreement sets the date by which it is due.",
    )
    sla_panel = fields.Json(
        string="Service Level Status",
        compute="_compute_sla_panel",
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )

    def _compute_is_measured(self):
        # sudo: tells no more than that there is an agreement.
        clocks = self.env["itsm.sla.clock"].sudo()
        found = clocks._read_group(
            [
                ("ticket_id", "in", self.ids),
                ("kind", "=", "sla"),
                ("state", "!=", "cancelled"),
            ],
            ["ticket_id"],
        )
        measured = {ticket.id for (ticket,) in found}
        for ticket in self:
            ticket.is_measured = ticket._origin.id in measured

    def _compute_sla_panel(self):
        """Tell the screen how each target stands, and why it applies."""
        reasons = dict(self._fields["pending_reason"]._description_selection(self.env))
        for ticket in self:
            ticket.sla_panel = [
                clock._describe(reasons.get(ticket.pending_reason))
                for clock in ticket.sla_clock_ids.sorted(
                    lambda clock: (clock.kind != "sla", clock.metric != "response")
                )
                if clock.state != "cancelled"
            ]

    def _compute_sla_status(self):
        for ticket in self:
            clocks = ticket.sla_clock_ids.filtered(lambda c: c.kind == "sla")
            ticket.is_sla_missed = any(clocks.mapped("is_missed"))
            ticket.is_sla_paused = "paused" in clocks.mapped("state")

    @boolean_search
    def _search_is_sla_missed(self):
        return self._search_clocks(Domain("is_missed", "=", True))

    @boolean_search
    def _search_is_sla_paused(self):
        return self._search_clocks(Domain("state", "=", "paused"))

    def _search_clocks(self, domain):
        """Return a domain of the tickets with an SLA clock in a domain."""
        domain &= Domain("kind", "=", "sla")
        # How many are late now is what the database guesses badly: for a page of few
        # it would look at the clocks of most tickets in the order of the list.
        query = self.env["itsm.sla.clock"]._search(domain, limit=FEW_CLOCKS + 1)
        rows = self.env.execute_query(
            query.select(SQL.identifier(query.table, "ticket_id"))
        )
        if len(rows) <= FEW_CLOCKS:
            return Domain("id", "in", {ticket_id for (ticket_id,) in rows})
        return Domain("sla_clock_ids", "any", domain)

    # ------------------------------------------------------------------
    # Hooks: every path by which facts change ends here
    # ------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        # What has been read of clocks need not hold any more, though the change is
        # not in the database yet.
        self.env["itsm.sla.clock"]._forget_begun(self.ids)
        self.env["itsm.sla.clock"].invalidate_model(flush=False)
        self.invalidate_recordset(["sla_clock_ids"], flush=False)
        return result

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        self.env["itsm.sla.clock"]._forget_begun(self.ids)
        self.env["itsm.sla.clock"]._mark(
            ticket.id
            for ticket, vals in zip(self, vals_list, strict=True)
            if not vals.keys().isdisjoint(CONTACT_FIELDS)
        )
        return result

    def web_read(self, specification):
        # What is shown right after a change follows from the change.
        self.env["itsm.sla.clock"]._sync_pending()
        return super().web_read(specification)


class ItsmTicketSpan(models.Model):
    _name = "itsm.ticket.span"
    _inherit = ["itsm.ticket.span"]

    @api.model
    def _record(self, ticket_ids):
        result = super()._record(ticket_ids)
        self.env["itsm.sla.clock"]._mark(ticket_ids)
        return result

    @api.model
    def _begin(self, ticket_ids):
        begun = super()._begin(ticket_ids)
        self.env["itsm.sla.clock"]._mark_begun(begun)
        return begun


class ItsmHistoryStore(models.AbstractModel):
    _name = "itsm.history.store"
    _inherit = ["itsm.history.store"]

    @api.private
    def store_dates(self, pairs):
        result = super().store_dates(pairs)
        self.env["itsm.sla.clock"]._mark(
            (ticket.id for ticket, _history in pairs), loaded=True
        )
        return result
