from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, plaintext2html

from odoo.addons.itsm_core.models.helpdesk_ticket_problem import (
    ALIKE,
    SAME_ITEM,
    SAME_SERVICE,
    STAFF,
    compare_titles,
)
from odoo.addons.itsm_core.models.helpdesk_ticket_stage import UNFINISHED_STATES

#: So many articles are offered on a ticket.
OFFERED = 5


class HelpdeskTicket(models.Model):
    """Articles that fit a ticket, were used on it, or come from it."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    article_ids = fields.Many2many(
        "document.page",
        "itsm_article_ticket_rel",
        "ticket_id",
        "page_id",
        string="Articles",
        domain=[("itsm_audience", "!=", False)],
        copy=False,
        groups=STAFF,
        help="Used to solve it, or made from how it was solved.",
    )
    offered_article_ids = fields.Many2many(
        "document.page",
        string="Articles That Fit",
        compute="_compute_offered_article_ids",
        groups=STAFF,
        help="About the same items or service, or with a similar title.",
    )

    @api.depends("name", "itsm_state", "service_id", "ci_ids", "article_ids")
    def _compute_offered_article_ids(self):
        asked = self.filtered(lambda ticket: ticket.itsm_state in UNFINISHED_STATES)
        found = asked._match_articles()
        for ticket in self:
            ticket.offered_article_ids = found.get(ticket, self.env["document.page"])

    def _match_articles(self):
        """Return ``{ticket: articles}``, the best first, in a few queries.

        Points are given as for known errors: for the same items, the same service and
        similar words. Which articles the user may read is asked of the record rules.
        """
        Page = self.env["document.page"]
        if not self or not Page.has_access("read"):
            return {}
        alike = self._compare_with_articles()
        services, items = self.service_id._origin, self.ci_ids._origin
        near = {page_id for likeness in alike.values() for page_id in likeness}
        pages = Page.search_fetch(
            Domain("itsm_audience", "!=", False)
            & (
                Domain("id", "in", list(near))
                | Domain("itsm_service_ids", "in", services.ids)
                | Domain("itsm_ci_ids", "in", items.ids)
            ),
            ["name", "company_id", "itsm_service_ids", "itsm_ci_ids"],
        )
        found = {}
        for ticket in self:
            company = ticket.company_id or self.env.company
            service, cis = ticket.service_id._origin, ticket.ci_ids._origin
            points = {}
            for page in pages - ticket.article_ids._origin:
                if page.company_id and page.company_id != company:
                    continue
                total = (
                    SAME_ITEM * bool(page.itsm_ci_ids & cis)
                    + SAME_SERVICE * bool(page.itsm_service_ids & service)
                    + alike.get(ticket, {}).get(page.id, 0)
                )
                if total:
                    points[page] = total
            best = sorted(points, key=lambda page: (-points[page], page.id))
            found[ticket] = Page.union(*best[:OFFERED])
        return found

    def _compare_with_articles(self):
        """Return ``{ticket: {id of article: likeness}}`` of titles that are alike."""
        titles = [(ticket, ticket.name) for ticket in self if ticket.name]
        alike = {ticket: {} for ticket, _title in titles}
        Page = self.env["document.page"]
        if not titles:
            return alike
        if not self.env.registry.has_trigram:
            pages = Page.search_fetch([("itsm_audience", "!=", False)], ["name"])
            for ticket, title in titles:
                for page in pages:
                    likeness = compare_titles(title, page.name)
                    if likeness >= ALIKE:
                        alike[ticket][page.id] = likeness
            return alike
        Page.flush_model(["name", "itsm_audience", "active"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT title.number, page.id, similarity(title.text, page.name)
                  FROM unnest(%s::int[], %s::text[]) AS title(number, text)
                  JOIN document_page page
                    ON similarity(title.text, page.name) >= %s
                 WHERE page.itsm_audience IS NOT NULL AND page.active
                """,
                list(range(len(titles))),
                [title for _ticket, title in titles],
                ALIKE,
            )
        )
        for number, page_id, likeness in rows:
            alike[titles[number][0]][page_id] = likeness
        return alike

    def _apply_article(self, page):
        """Link tickets to an article, and take its text as the resolution.

        A resolution that is there stays, and the text follows. Customers read the
        resolution: the text of an article that they may not read is not taken.

        :param page: ``document.page``
        :return: tickets that took the text
        :raise UserError: where it is no article, or the work is over
        """
        page.ensure_one()
        page.check_access("read")
        if not page.itsm_audience:
            raise UserError(
                self.env._(
                    "%s is no article about IT services.",
                    page.display_name,
                )
            )
        self._check_unfinished()
        self.write({"article_ids": [Command.link(page.id)]})
        text = page.itsm_text
        taken = self.browse()
        for ticket in self:
            # sudo: whose customer a contact is, is needed here and not shown.
            customer = ticket.sudo().customer_id
            if not text or not page._is_open_to(customer):
                continue
            before = (ticket.resolution or "").strip()
            if text not in before:
                ticket.resolution = f"{before}\n\n{text}" if before else text
            taken |= ticket
        return taken

    def action_make_article(self):
        """Make an article from the resolution, for staff at first, and open it.

        :raise UserError: nothing was resolved, or nothing says how
        """
        self.ensure_one()
        self.env["document.page"].check_access("create")
        self.check_access("read")
        text = (self.resolution or "").strip()
        if not text:
            raise UserError(
                self.env._("Write the resolution of %s first.", self.number)
            )
        page = self.env["document.page"].create(
            {
                "name": self.name,
                "type": "content",
                "content": plaintext2html(text),
                "company_id": (self.company_id or self.env.company).id,
                "itsm_audience": "staff",
                "itsm_owner_id": self.env.uid,
                "itsm_service_ids": [Command.set(self.service_id.ids)],
                "itsm_ci_ids": [
                    Command.set(self.ci_ids.filtered(lambda ci: not ci.is_service).ids)
                ],
                "itsm_problem_ids": [Command.set(self.problem_id.ids)],
                "itsm_ticket_ids": [Command.set(self.ids)],
            }
        )
        return page.action_open_article()


class DocumentPage(models.Model):
    """Articles on the tickets that they fit."""

    _name = "document.page"
    _inherit = ["document.page"]

    def action_apply_to_ticket(self):
        """Apply the article to the ticket that the client has opened."""
        self.ensure_one()
        self.check_access("read")
        ticket = self.env["helpdesk.ticket"].browse(
            int(self.env.context.get("itsm_ticket_id") or 0)
        )
        ticket.exists().ensure_one()
        taken = ticket._apply_article(self)
        if taken:
            return True
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "title": self.env._("Linked"),
                "message": self.env._(
                    "Its text was not taken as the resolution, as this customer may "
                    "not read the article."
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
