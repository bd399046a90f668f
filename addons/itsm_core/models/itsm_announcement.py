from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from ..tools.uninstall import guard_unlink
from ..tools.workflow import Transition

FROZEN = ("name", "body", "ticket_id", "service_id")


class ItsmAnnouncement(models.Model):
    """What customers of one service are told about a major incident.

    Published, it is mailed to the service's customers one by one and shown on
    their portal, until it ends with the incident.
    """

    _name = "itsm.announcement"
    _description = "Announcement"
    _inherit = ["itsm.workflow.mixin", "mail.thread"]
    _order = "published_at desc, id desc"
    _check_company_auto = True

    _workflow_transitions = (
        Transition(
            "draft",
            "published",
            required=("body",),
            stamp=("published_at",),
            check="_check_ticket_is_major",
        ),
        Transition("published", "ended", stamp=("ended_at",)),
    )
    _workflow_locked_fields = {"published": FROZEN, "ended": FROZEN}

    name = fields.Char(
        string="Title",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Major Incident",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("is_major", "=", True)],
        check_company=True,
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, string="Company", index=True
    )
    service_id = fields.Many2one(
        "itsm.service",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    body = fields.Text(
        string="Text",
        tracking=True,
        help="What customers read: what does not work, since when, and what they "
        "can do meanwhile.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("ended", "Ended")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    published_at = fields.Datetime(string="Published On", readonly=True, copy=False)
    ended_at = fields.Datetime(string="Ended On", readonly=True, copy=False)
    update_ids = fields.Many2many(
        "itsm.major.update",
        "itsm_announcement_update_rel",
        "announcement_id",
        "update_id",
        string="Updates",
        readonly=True,
        copy=False,
    )
    contact_ids = fields.Many2many(
        "res.partner",
        string="Is Mailed To",
        compute="_compute_contact_ids",
        help="Each customer's key users, or the customer's own address where there "
        "are none, and whoever reported it.",
    )
    contact_count = fields.Integer(compute="_compute_contact_ids", string="Contacts")

    _one_per_service = models.UniqueIndex(
        "(ticket_id, service_id) WHERE state <> 'ended'",
        "There is an announcement of this incident for this service already.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("service_id")
    def _compute_name(self):
        for announcement in self:
            if not announcement.name and announcement.service_id:
                announcement.name = self.env._(
                    "Disruption of %s", announcement.service_id.name
                )

    @api.depends("service_id", "ticket_id")
    def _compute_contact_ids(self):
        contacts = self._get_contacts()
        for announcement in self:
            announcement.contact_ids = contacts[announcement]
            announcement.contact_count = len(contacts[announcement])

    # ------------------------------------------------------------------
    # Gates
    # ------------------------------------------------------------------

    @api.constrains("ticket_id")
    def _check_ticket_is_major(self):
        for announcement in self:
            ticket = announcement.ticket_id
            if ticket._is_loading_history():
                continue
            if not ticket.is_major or ticket.itsm_state not in (
                "new",
                "open",
                "pending",
            ):
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is not an open major incident, so there is "
                        "nothing to announce.",
                        ticket=ticket.display_name,
                    )
                )

    @guard_unlink
    def _unlink_only_drafts(self):
        if self.filtered(lambda announcement: announcement.state != "draft"):
            raise UserError(
                self.env._("What was published is kept. End the announcement instead.")
            )

    # ------------------------------------------------------------------
    # Publishing and ending
    # ------------------------------------------------------------------

    def action_set_state(self, target=False):
        """Publish or end for clients, never without telling the customers."""
        if target == "published":
            return self.action_publish()
        if target == "ended":
            return self.action_end()
        return super().action_set_state(target)

    def action_publish(self):
        """Publish drafts: mail the customers and show it on their portal."""
        return self._publish_and_tell("published")

    def action_end(self):
        """End announcements before the incident is resolved, and say so."""
        return self._publish_and_tell("ended")

    def _publish_and_tell(self, target):
        self.check_access("write")
        moved = self.filtered(lambda announcement: announcement.state != target)
        # A client must not be able to move a record without leaving a trace.
        moved.with_context(tracking_disable=False, mail_notrack=False)._set_state(
            target
        )
        # Announcements that say the same are one message to who gets several.
        groups = moved.grouped(
            lambda item: (item.ticket_id, item.body if target == "published" else "")
        )
        self.env["itsm.major.update"]._record(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": target,
                    "body": body,
                    "announcement_ids": [Command.set(announcements.ids)],
                }
                for (ticket, body), announcements in groups.items()
            ]
        )
        return True

    # ------------------------------------------------------------------
    # Portal
    # ------------------------------------------------------------------

    @api.model
    def _get_portal_banners(self):
        """Return what the current portal user is told on every page.

        :return: list of dicts with ``title``, ``service``, ``body``, ``since``
            (UTC), ``update`` and ``updated`` (text and time of the latest news, or
            False), ``next`` (when more is promised, UTC, or False)
        """
        user = self.env.user
        if not user._is_portal():
            return []
        partner = user.partner_id
        # sudo: portal users read neither services nor announcements. The domain
        # leaves those that concern them, and only these values go to the page.
        announcements = self.sudo().search(
            Domain("state", "=", "published")
            & Domain("company_id", "in", user.company_ids.ids)
            & (
                Domain("service_id.customer_ids", "=", False)
                | Domain(
                    "service_id.customer_ids", "in", partner.sudo().itsm_customer_id.ids
                )
                | Domain("ticket_id.partner_id", "=", partner.id)
                | Domain("ticket_id.child_ids.partner_id", "=", partner.id)
            )
        )
        result = []
        for announcement in announcements:
            news = announcement.update_ids.filtered(
                lambda update: update.kind == "update" and update.body
            )[:1]
            ticket = announcement.ticket_id
            result.append(
                {
                    "title": announcement.name,
                    "service": announcement.service_id.name,
                    "body": announcement.body,
                    "since": announcement.published_at,
                    "update": news.body,
                    "updated": news.date,
                    "next": ticket.major_next_update,
                }
            )
        return result
