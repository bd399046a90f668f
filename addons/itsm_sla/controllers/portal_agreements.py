from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.itsm_core.controllers.portal_tools import to_id, to_text
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

#: Where the session keeps, for one page, why an agreement could not be declined.
PROBLEM_KEY = "itsm_agreement_problem"


class PortalAgreements(CustomerPortal):
    """Agreements for the key users of a customer: reading, signing, declining.

    Only for people who are logged in: an agreement's link opens nothing by itself.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "agreement_count" in counters:
            Agreement = request.env["itsm.agreement"]
            values["agreement_count"] = (
                Agreement.search_count(self._get_agreement_domain())
                if Agreement.has_access("read")
                else 0
            )
        return values

    def _get_agreement_domain(self):
        """Return what a page for customers lists, also to those who may read more."""
        # sudo: for whom a person speaks is no secret to that person.
        customers = (
            request.env["res.partner"]
            .sudo()
            .search([("itsm_key_user_ids", "in", request.env.user.ids)])
        )
        return [
            ("kind", "=", "sla"),
            ("state", "!=", "draft"),
            ("partner_id", "in", customers.ids),
        ]

    def _find_agreement(self, agreement_id):
        """Return an agreement in superuser mode if the visitor is its key user.

        :return: the agreement or an empty recordset
        """
        Agreement = request.env["itsm.agreement"]
        try:
            agreement = self._document_check_access(
                "itsm.agreement", to_id(agreement_id)
            )
        except (AccessError, MissingError):
            return Agreement
        # Whoever works on the desk reads more agreements, but accepts none.
        return agreement.filtered_domain(self._get_agreement_domain()).with_context(
            tz=request.env.user.tz or agreement.company_id.partner_id.tz
        )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @http.route(
        ["/my/agreements", "/my/agreements/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_agreements(self, page=1, **_kw):
        Agreement = request.env["itsm.agreement"]
        if not Agreement.has_access("read"):
            return request.redirect("/my")
        domain = self._get_agreement_domain()
        pager = portal_pager(
            url="/my/agreements",
            total=Agreement.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        agreements = Agreement.search(
            domain, limit=self._items_per_page, offset=pager["offset"]
        )
        values = self._prepare_portal_layout_values()
        values.update(
            # sudo: what was found may be shown; the page leaves out what is internal
            agreements=agreements.sudo().sorted(
                lambda agreement: not agreement._can_be_signed()
            ),
            page_name="agreement",
            pager=pager,
        )
        return request.render("itsm_sla.portal_my_agreements", values)

    @http.route(
        "/my/agreements/<int:agreement_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_agreement(self, agreement_id, message=None, **_kw):
        agreement = self._find_agreement(agreement_id)
        if not agreement:
            return request.redirect("/my")
        problem = request.session.pop(PROBLEM_KEY, {})
        if problem.get("agreement_id") != agreement.id:
            problem = {}
        revisions = request.env["itsm.agreement"].search(
            [
                ("id", "in", agreement._get_revisions().ids),
                *self._get_agreement_domain(),
            ]
        )
        values = {
            **self._prepare_portal_layout_values(),
            **agreement._get_portal_values(),
            "agreement": agreement,
            "notice": self._get_agreement_notice(agreement, message),
            "page_name": "agreement",
            "problem": problem.get("text"),
            "reason": problem.get("typed"),
            "revisions": revisions.sudo().sorted("revision", reverse=True),
        }
        return request.render("itsm_sla.portal_my_agreement", values)

    def _get_agreement_notice(self, agreement, message):
        """Return what can be said of a word in the address, if it is true."""
        if message == "signed" and agreement.accepted_by:
            return self.env._("Thank you. You have accepted this agreement.")
        if message == "declined" and agreement._can_be_signed():
            return self.env._(
                "Thank you. We have received what should be different, and will get "
                "back to you."
            )
        return None

    # ------------------------------------------------------------------
    # Accepting and declining
    # ------------------------------------------------------------------

    @http.route(
        "/my/agreements/<int:agreement_id>/accept",
        type="jsonrpc",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_agreement_accept(self, agreement_id, name=None, signature=None, **_kw):
        agreement = self._find_agreement(agreement_id)
        if not agreement:
            return {"error": self.env._("This agreement is not yours to accept.")}
        try:
            with request.env.cr.savepoint():
                agreement.accept_on_portal(request.env.user, name, signature)
        except UserError as error:
            return {"error": str(error)}
        return {
            "force_refresh": True,
            "redirect_url": f"/my/agreements/{agreement.id}?message=signed",
        }

    @http.route(
        "/my/agreements/<int:agreement_id>/decline",
        type="http",
        auth="user",
        methods=["POST"],
        csrf=True,
        website=True,
    )
    def portal_agreement_decline(self, agreement_id, **kw):
        agreement = self._find_agreement(agreement_id)
        if not agreement:
            return request.redirect("/my")
        url = f"/my/agreements/{agreement.id}"
        reason = to_text(kw.get("reason"))
        try:
            with request.env.cr.savepoint():
                agreement.decline_on_portal(request.env.user, reason)
        except UserError as error:
            request.session[PROBLEM_KEY] = {
                "agreement_id": agreement.id,
                "text": str(error),
                "typed": reason[:5000],
            }
            return request.redirect(url)
        return request.redirect(f"{url}?message=declined")
