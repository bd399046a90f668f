from odoo import http
from odoo.http import request

from odoo.addons.itsm_core.controllers.portal_tools import (
    get_reader_zone,
    to_id,
    to_text,
)
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager

PATH = "/my/knowledge"


class PortalKnowledge(CustomerPortal):
    """Articles that customers and employees read, and say whether they helped.

    Only for people who are logged in: a link opens nothing by itself.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "itsm_article_count" in counters:
            values["itsm_article_count"] = len(self._get_articles())
        return values

    def _get_articles(self, article_id=None, words=""):
        """Return articles in superuser mode, told by the clock of the reader."""
        pages = request.env["document.page"]._get_portal_articles(article_id, words)
        return pages.with_context(tz=get_reader_zone())

    @http.route(
        [PATH, f"{PATH}/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_articles(self, page=1, search="", **_kw):
        words = to_text(search)
        articles = self._get_articles(words=words)
        if words and not articles:
            request.env["itsm.knowledge.gap"]._record(words, "portal")
        pager = portal_pager(
            url=PATH,
            url_args={"search": words} if words else {},
            total=len(articles),
            page=to_id(page) or 1,
            step=self._items_per_page,
        )
        first = pager["offset"]
        values = self._prepare_portal_layout_values()
        values.update(
            items=[
                article._get_portal_values()
                for article in articles[first : first + self._items_per_page]
            ],
            page_name="itsm_article",
            pager=pager,
            search=words,
        )
        return request.render("itsm_knowledge.portal_my_articles", values)

    @http.route(
        f"{PATH}/<int:article_id>",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def portal_my_article(self, article_id, **_kw):
        article = self._get_articles(to_id(article_id))
        if not article:
            return request.redirect(PATH)
        values = self._prepare_portal_layout_values()
        values.update(
            article=article._get_portal_values(),
            page_name="itsm_article",
        )
        return request.render("itsm_knowledge.portal_my_article", values)

    @http.route(
        f"{PATH}/<int:article_id>/vote",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
    )
    def portal_vote_on_article(self, article_id, helpful="", **_kw):
        article = self._get_articles(to_id(article_id))
        if not article:
            return request.redirect(PATH)
        if helpful in ("yes", "no"):
            article._vote(helpful == "yes")
        return request.redirect(f"{PATH}/{article.id}#vote")
