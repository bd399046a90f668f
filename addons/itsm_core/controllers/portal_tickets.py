from odoo import fields, http
from odoo.http import request

from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk
from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.helpdesk_ticket_stage import FINAL_STATES
from .portal_tools import PROBLEM_KEY, TicketFinder, to_id, to_text


class PortalTickets(TicketFinder, CustomerPortalHelpdesk):
    """The list of a customer's tickets and the page of one."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if values.get("ticket_count"):
            values["ticket_count"] = request.env["helpdesk.ticket"].search_count(
                [("is_party", "=", True)]
            )
        return values

    # ------------------------------------------------------------------
    # List
    # ------------------------------------------------------------------

    @http.route()
    def portal_my_tickets(self, **kw):
        tickets = request.env["helpdesk.ticket"]
        if not tickets.has_access("read"):
            return request.redirect("/my")
        options = self._get_list_options(kw)
        domain = (
            fields.Domain("is_party", "=", True)
            & options["searchbar_filters"][options["filterby"]]["domain"]
            & self._get_list_search_domain(options)
        )
        pager = portal_pager(
            url="/my/tickets",
            url_args={
                name: options[name]
                for name in ("sortby", "filterby", "groupby", "search", "search_in")
            },
            total=tickets.search_count(domain),
            page=to_id(kw.get("page")) or 1,
            step=self._items_per_page,
        )
        order = options["searchbar_sortings"][options["sortby"]]["order"]
        group_field = self._ticket_get_groupby_mapping().get(options["groupby"])
        tickets = tickets.search(
            domain,
            order=f"{group_field}, {order}" if group_field else order,
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        request.session["my_tickets_history"] = tickets.ids[:100]
        values = self._prepare_portal_layout_values()
        values.update(
            options,
            # sudo: what was found may be shown; the page leaves out what is internal
            ticket_groups=self._group_tickets(tickets.sudo(), group_field),
            page_name="ticket",
            default_url="/my/tickets",
            pager=pager,
        )
        return request.render("helpdesk_mgmt.portal_my_tickets", values)

    def _get_list_options(self, kw):
        """Return what the list can be sorted, filtered and grouped by, and how.

        A choice that does not exist, or no longer, counts as not made.
        """
        choices = {
            "sortby": ("searchbar_sortings", self._ticket_get_searchbar_sortings()),
            "filterby": ("searchbar_filters", self._ticket_get_searchbar_filters()),
            "groupby": ("searchbar_groupby", self._ticket_get_searchbar_groupby()),
            "search_in": ("searchbar_inputs", self._ticket_get_searchbar_inputs()),
        }
        options = {"search": to_text(kw.get("search"))}
        for name, (group, entries) in choices.items():
            chosen = kw.get(name)
            options[name] = chosen if chosen in entries else next(iter(entries))
            options[group] = entries
        return options

    def _get_list_search_domain(self, options):
        if not options["search"]:
            return fields.Domain.TRUE
        return self._ticket_get_search_domain(options["search_in"], options["search"])

    def _group_tickets(self, tickets, group_field):
        """Return pairs of heading and tickets, without headings if not grouped."""
        if not group_field:
            return [(None, tickets)] if tickets else []
        labels = dict(tickets._fields[group_field]._description_selection(request.env))
        if group_field == "itsm_state":
            labels = tickets._get_portal_state_labels()
        return [
            (labels.get(value), group)
            for value, group in tickets.grouped(group_field).items()
        ]

    def _ticket_get_searchbar_sortings(self):
        return {
            "date": {"label": self.env._("Newest"), "order": "opened_at desc"},
            "update": {
                "label": self.env._("Last Progress"),
                "order": "last_stage_update desc",
            },
            "priority": {
                "label": self.env._("Priority"),
                "order": "priority desc, opened_at desc",
            },
            "due": {"label": self.env._("Promised Date"), "order": "due_date, id"},
            "name": {"label": self.env._("Title"), "order": "name"},
        }

    def _ticket_get_searchbar_filters(self):
        def states(*names):
            return fields.Domain("itsm_state", "in", names)

        return {
            "current": {
                "label": self.env._("Current"),
                "domain": states("new", "open", "pending", "resolved"),
            },
            "waiting": {
                "label": self.env._("Waiting for You"),
                "domain": fields.Domain("pending_reason", "=", "customer")
                | states("resolved"),
            },
            "done": {
                "label": self.env._("Closed"),
                "domain": states("closed", "cancelled"),
            },
            "mine": {
                "label": self.env._("Raised by Me"),
                "domain": fields.Domain(
                    "partner_id", "=", request.env.user.partner_id.id
                ),
            },
            "all": {"label": self.env._("All"), "domain": fields.Domain.TRUE},
        }

    def _ticket_get_searchbar_groupby(self):
        return {
            "none": {"label": self.env._("None")},
            "status": {"label": self.env._("Progress")},
            "type": {"label": self.env._("Type")},
            "priority": {"label": self.env._("Priority")},
        }

    def _ticket_get_groupby_mapping(self):
        return {"status": "itsm_state", "type": "ticket_type", "priority": "priority"}

    # ------------------------------------------------------------------
    # Page
    # ------------------------------------------------------------------

    @http.route()
    def portal_my_ticket(self, ticket_id, access_token=None, **kw):
        ticket, token = self._find_ticket(ticket_id, access_token)
        if not ticket:
            return request.redirect("/my")
        values = self._ticket_get_page_view_values(ticket, token, **kw)
        return request.render("helpdesk_mgmt.portal_helpdesk_ticket_page", values)

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        problem = request.session.pop(PROBLEM_KEY, {})
        if problem.get("ticket_id") != ticket.id:
            problem = {}
        values = {
            "closed_stages": ticket._get_portal_close_stages(),
            "files": ticket._get_portal_files(),
            "follow_up": self._find_follow_up(ticket),
            "notice": self._get_ticket_notices(ticket).get(kwargs.get("message")),
            "page_name": "ticket",
            "problem": problem.get("text"),
            "reason": problem.get("typed"),
            "ticket": ticket,
            "user": request.env.user,
        }
        # Of the address only what identifies a mail's recipient in the chatter:
        # texts in a link must not show up on the page as if they were ours.
        recipient = {
            "pid": to_id(kwargs.get("pid")),
            "hash": to_text(kwargs.get("hash")),
        }
        return self._get_page_view_values(
            ticket, access_token, values, "my_tickets_history", False, **recipient
        )

    def _get_ticket_notices(self, ticket):
        """Return what can be said to the visitor, by the word in the address.

        Only what is true of the ticket as it stands: addresses are kept and typed.
        """
        notices = {
            "changed": self.env._(
                "Nothing was changed: the ticket has moved on since you opened the "
                "page. This is where it stands now."
            ),
        }
        if ticket.itsm_state in FINAL_STATES:
            notices["closed"] = self.env._("Thank you. The ticket is closed.")
            notices["continued"] = self.env._(
                "Thank you, your answer has arrived. This ticket was closed in the "
                "meantime: your answer goes on in a follow-up."
            )
        elif ticket.itsm_state != "resolved":
            notices["received"] = self.env._(
                "Thank you. We have received your ticket and will get back to you."
            )
            notices["reopened"] = self.env._(
                "The ticket is open again. We will look into it."
            )
            notices["answered"] = self.env._(
                "Thank you for your answer. We go on with your ticket."
            )
        return notices

    def _find_follow_up(self, ticket):
        """Return the unfinished ticket in which a closed one goes on.

        Empty where there is none, or the visitor may not see it.
        """
        follow_up = ticket.browse()
        if ticket.itsm_state in FINAL_STATES:
            follow_up, _last = ticket._get_follow_up()
        return self._find_ticket(follow_up.id)[0]

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    @http.route(
        "/my/ticket/<int:ticket_id>/file/<int:attachment_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
    )
    def portal_ticket_file(self, ticket_id, attachment_id, access_token=None, **_kw):
        """Send a file of a ticket to whom may see the ticket.

        The file's own token, which would open it to anyone for ever, is neither
        made nor needed.
        """
        ticket, _token = self._find_ticket(ticket_id, access_token)
        attachment = ticket and ticket._get_portal_files().filtered(
            lambda file: file.id == attachment_id
        )
        if not attachment:
            raise request.not_found()
        stream = request.env["ir.binary"]._get_stream_from(attachment, "raw")
        # As a download: a page that a stranger sent must not run on this site.
        return stream.get_response(as_attachment=True)
