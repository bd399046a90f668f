from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .itsm_change import MANAGER
from .itsm_change_announcement import EFFECTS, OPEN_KINDS

#: What customers are told without anybody's doing, when a change gets there.
FOLLOW_UPS = {
    "scheduled": "moved",
    "cancelled": "cancelled",
    "refused": "cancelled",
    "review": "done",
    "failed": "failed",
    "backed_out": "failed",
}
#: How long customers find work that is over.
RECENT = timedelta(days=30)
SHOWN_AT_MOST = 100


class ItsmChange(models.Model):
    """What customers are told about a change, and see of it on their portal."""

    _name = "itsm.change"
    _inherit = ["itsm.change"]

    announce_title = fields.Char(
        string="Title for Customers",
        help="What is done, in words of customers. They see no other title.",
    )
    announce_text = fields.Text(
        string="Text for Customers",
        help="What it means to them, and what they can do meanwhile.",
    )
    announce_effect = fields.Selection(EFFECTS, string="Expected Effect")
    announcement_ids = fields.One2many(
        "itsm.change.announcement",
        "change_id",
        string="Told to Customers",
        readonly=True,
    )
    announce_service_ids = fields.Many2many(
        "itsm.service",
        string="Services That Customers Know",
        compute="_compute_announce_service_ids",
        help="Live and published ones of those affected: their customers are told.",
    )
    announce_contact_ids = fields.Many2many(
        "res.partner",
        string="Is Mailed To",
        compute="_compute_announce_contact_ids",
        help="Each customer's key users, or the customer's own address where there are "
        "none.",
    )

    @api.depends("service_ids.is_published", "service_ids.portfolio_state")
    def _compute_announce_service_ids(self):
        for change in self:
            change.announce_service_ids = change.service_ids.filtered(
                lambda service: (
                    service.is_published and service.portfolio_state == "live"
                )
            )

    @api.depends("announce_service_ids", "company_id")
    def _compute_announce_contact_ids(self):
        for change in self:
            # sudo: key users are users, whom agents cannot all read. Only contacts
            # are shown.
            contacts = change.announce_service_ids.sudo()._get_contacts(
                change.company_id
            )
            change.announce_contact_ids = (
                self.env["res.partner"].sudo().union(*contacts.values())
            ).sudo(self.env.su)

    @api.model
    def _approval_uncovered_fields(self):
        # What customers are told is no part of what is approved.
        return super()._approval_uncovered_fields() | {
            "announce_title",
            "announce_text",
            "announce_effect",
            "announcement_ids",
        }

    # ------------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------------

    def action_announce(self):
        """Publish the change to the customers of its services, and mail them."""
        self.check_access("write")
        vals_list = []
        for change in self:
            change._check_can_announce()
            last = change.announcement_ids[:1]
            kind = "updated" if last.kind in OPEN_KINDS else "announced"
            vals = change._prepare_announcement(kind)
            if kind == "updated" and last._says(vals):
                raise UserError(
                    self.env._(
                        "Customers know this about %s already. Change the title, the "
                        "text or the effect first.",
                        change.display_name,
                    )
                )
            vals_list.append(vals)
        self.env["itsm.change.announcement"]._tell(vals_list)

    def _check_can_announce(self):
        self.ensure_one()
        user = self.env.user
        if user != self.owner_id and not any(map(user.has_group, MANAGER)):
            raise UserError(
                self.env._(
                    "The owner of %s or a change manager announces it.",
                    self.display_name,
                )
            )
        if self.state not in ("scheduled", "implementation"):
            raise UserError(
                self.env._(
                    "%s is announced to customers once it is scheduled.",
                    self.display_name,
                )
            )
        missing = self._workflow_missing(
            ("announce_title", "announce_text", "announce_effect")
        )
        if missing:
            raise UserError(
                self.env._(
                    "Say first what customers are told. Missing: %s.",
                    ", ".join(missing),
                )
            )
        if not self.announce_service_ids:
            raise UserError(
                self.env._(
                    "%s affects no service that is live and published, so there is "
                    "nobody to tell.",
                    self.display_name,
                )
            )

    def _prepare_announcement(self, kind):
        """Return what is told, as the change is now."""
        self.ensure_one()
        last = self.announcement_ids[:1]
        services = self.announce_service_ids or last.service_ids
        return {
            "change_id": self.id,
            "kind": kind,
            "title": self.announce_title or last.title,
            "text": self.announce_text or last.text,
            "effect": self.announce_effect or last.effect,
            "start": self.planned_start,
            "stop": self.planned_stop,
            "service_ids": [Command.set(services.ids)],
        }

    def _set_state(self, target, **values):
        before = {change: change.state for change in self}
        result = super()._set_state(target, **values)
        kind = FOLLOW_UPS.get(target)
        if kind:
            self.filtered(lambda change: before[change] != target)._follow_up(kind)
        return result

    def _follow_up(self, kind):
        """Tell customers how it goes on with what they were told of."""
        vals_list = []
        # sudo: whoever moves the change lets it be told, whatever they read.
        for change in self.sudo():
            last = change.announcement_ids[:1]
            if last.kind not in OPEN_KINDS:
                continue
            if kind == "moved":
                vals = change._prepare_announcement(kind)
                if last._says(vals):
                    continue
            else:
                vals = {**last._repeat(), "kind": kind}
            vals_list.append(vals)
        if vals_list:
            self.env["itsm.change.announcement"]._tell(vals_list)

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    @api.model
    def _get_portal_announcements(self, change_id=None):
        """Return what the current user may know of changes of their services.

        Superuser mode: customers have no access to changes. Pages show values of
        these records alone, by ``_get_portal_values``.
        """
        user = self.env.user
        domain = (
            Domain("is_latest", "=", True)
            & Domain("company_id", "in", user.company_ids.ids)
            & Domain("change_id.active", "=", True)
            & Domain("service_ids", "any", self._get_portal_service_domain())
        )
        if change_id is not None:
            domain &= Domain("change_id", "=", change_id)
        else:
            domain &= Domain("stop", ">=", fields.Datetime.now() - RECENT) | (
                Domain("kind", "in", OPEN_KINDS)
                & Domain("change_id.state", "not in", ("closed", "review"))
            )
        return (
            # sudo: see above. The domain leaves what concerns the customer.
            self.env["itsm.change.announcement"]
            .sudo()
            .search(domain, order="start desc, id desc", limit=SHOWN_AT_MOST)
        )

    @api.model
    def _get_portal_service_domain(self):
        """Return which services a customer has: the own ones, and those of all."""
        # sudo: of which customer somebody is, is no secret to that person.
        customer = self.env.user.partner_id.sudo().itsm_customer_id
        return Domain("customer_ids", "=", False) | Domain(
            "customer_ids", "in", customer.ids
        )
