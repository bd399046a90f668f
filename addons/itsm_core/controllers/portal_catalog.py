import uuid

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..tools.order_form import clean
from .portal_tickets import PortalTickets
from .portal_tools import TicketFinder, to_id, to_text

#: Where the session keeps which forms were sent, and the tickets they became.
SENT_KEY = "itsm_sent_orders"
SENT_AT_MOST = 20
#: Before the name of a question, so that it cannot be taken for another field.
PREFIX = "answer_"
#: Longest text to search for, in characters.
MAX_SEARCH = 100


class PortalCatalog(TicketFinder, CustomerPortal):
    """The catalogue: what can be requested, and the form of each item."""

    # ------------------------------------------------------------------
    # Catalogue
    # ------------------------------------------------------------------

    @http.route("/my/catalog", type="http", auth="user", methods=["GET"], website=True)
    def portal_my_catalog(self, **kw):
        search = to_text(kw.get("search"))[:MAX_SEARCH]
        category_id = to_id(kw.get("category"))
        found = request.env["itsm.catalog.item"]._get_offered(
            self._get_catalog_search_domain(search)
        )
        categories = found.category_id
        category = categories.filtered(lambda category: category.id == category_id)
        items = found
        if category:
            items = found.filtered(lambda item: item.category_id == category)
        values = self._prepare_portal_layout_values()
        values.update(
            categories=categories,
            category=category,
            counts={
                key.id: len(own) for key, own in found.grouped("category_id").items()
            },
            items=items,
            page_name="itsm_catalog",
            search=search,
            total=len(found),
        )
        return request.render("itsm_core.portal_my_catalog", values)

    def _get_catalog_search_domain(self, search):
        """Each word has to be in the name, the line below or the category."""
        domain = fields.Domain.TRUE
        for word in search.split():
            domain &= (
                fields.Domain("name", "ilike", word)
                | fields.Domain("summary", "ilike", word)
                | fields.Domain("category_id.name", "ilike", word)
            )
        return domain

    @http.route(
        "/my/catalog/<int:item_id>/image",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_catalog_image(self, item_id, **_kw):
        """Send the picture of an item to those to whom it is offered."""
        item = self._find_item(item_id)
        if not item.image_512:
            raise request.not_found()
        return (
            request.env["ir.binary"]
            ._get_image_stream_from(item, "image_512")
            .get_response()
        )

    def _find_item(self, item_id):
        return request.env["itsm.catalog.item"]._get_offered(
            [("id", "=", to_id(item_id))]
        )

    # ------------------------------------------------------------------
    # Form
    # ------------------------------------------------------------------

    @http.route(
        "/my/catalog/<int:item_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_catalog_item(self, item_id, again=None, **_kw):
        item = self._find_item(item_id)
        if not item:
            return request.redirect("/my/catalog")
        form = self._read_form({})
        previous, _token = self._find_ticket(again) if again else (None, None)
        if previous and previous.order_id.item_id == item:
            order = previous.order_id
            if isinstance(order.typed, dict):
                form["answers"] = {key: clean(raw) for key, raw in order.typed.items()}
            if order.partner_id != request.env.user.partner_id:
                form["partner"] = order.partner_id.email or ""
        return self._render_form(item, form)

    @http.route(
        "/my/catalog/<int:item_id>/order",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_catalog_order(self, item_id, **kw):
        form = self._read_form(kw)
        # Sent again by the back button: it is the same request.
        sent = request.session.get(SENT_KEY) or {}
        known, _token = self._find_ticket(sent.get(form["form_key"]))
        if known:
            return request.redirect(self._get_ticket_url(known, message="requested"))
        item = self._find_item(item_id)
        if not item:
            return request.redirect("/my/catalog?message=gone")
        requester = request.env.user.partner_id
        values, errors = item._read_order_form(form["answers"], requester)
        partner = requester
        if form["partner"]:
            partner = requester._find_itsm_colleague(form["partner"])
            if not partner:
                errors["partner"] = self.env._(
                    "We know no colleague of yours with this address. Correct it, or "
                    "leave the field empty if it is for you."
                )
        if errors:
            return self._render_form(item, form, errors)
        try:
            with request.env.cr.savepoint():
                order = item.with_env(request.env)._make_order(
                    form["answers"],
                    values,
                    requester,
                    partner,
                    request.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web", False),
                )
        except UserError as error:
            return self._render_form(item, form, {"form": str(error)})
        newest = list(sent.items())[1 - SENT_AT_MOST :]
        ticket = order.ticket_id
        request.session[SENT_KEY] = {**dict(newest), form["form_key"]: ticket.id}
        return request.redirect(self._get_ticket_url(ticket, message="requested"))

    def _read_form(self, kw):
        """Return what the browser sent, as text."""
        return {
            "answers": {
                name.removeprefix(PREFIX): clean(value)
                for name, value in kw.items()
                if name.startswith(PREFIX)
            },
            "form_key": to_text(kw.get("form_key"))[:36] or str(uuid.uuid4()),
            "partner": to_text(kw.get("partner")),
        }

    def _render_form(self, item, form, errors=None):
        values = self._prepare_portal_layout_values()
        values.update(
            errors=errors or {},
            form=form,
            item=item,
            page_name="itsm_catalog",
            prefix=PREFIX,
            questions=item._get_form_questions(request.env.user.partner_id),
        )
        return request.render("itsm_core.portal_catalog_item", values)


class PortalOrderTicket(PortalTickets):
    """What was requested from the catalogue, on the page of its ticket."""

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        # sudo: the page shows what customers may know of their own request.
        order = ticket.sudo().order_id
        values["catalog_order"] = order
        values["may_withdraw"] = (
            order.state == "waiting"
            and request.env.user.partner_id in order.requester_id | order.partner_id
        )
        values["may_order_again"] = bool(
            order
            and order.state in ("refused", "cancelled")
            and not request.env.user._is_public()
            and request.env["itsm.catalog.item"]._get_offered(
                [("id", "=", order.item_id.id)]
            )
        )
        return values

    def _get_ticket_notices(self, ticket):
        notices = super()._get_ticket_notices(ticket)
        # sudo: as above
        order = ticket.sudo().order_id
        if order.state == "waiting":
            notices["requested"] = self.env._(
                "Thank you. Your request has to be approved before we start; we tell "
                "you as soon as it is decided."
            )
        elif order:
            notices["requested"] = self.env._(
                "Thank you. We have received your request and take care of it."
            )
        if order.state == "cancelled":
            notices["withdrawn"] = self.env._("Your request was withdrawn.")
        return notices

    @http.route(
        "/my/ticket/<int:ticket_id>/withdraw",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_order_withdraw(self, ticket_id, **_kw):
        ticket, token = self._find_ticket(ticket_id)
        if not ticket:
            return request.redirect("/my")
        try:
            # sudo: the right to see the ticket was checked; who may take it back
            # is asked by the method.
            with request.env.cr.savepoint():
                ticket.sudo().order_id.action_withdraw()
        except (AccessError, UserError):
            return request.redirect(self._get_ticket_url(ticket, token, "changed"))
        return request.redirect(self._get_ticket_url(ticket, token, "withdrawn"))
