from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import html_escape, is_html_empty

from ..tools.article_text import to_text

AUDIENCES = [
    ("staff", "Staff of IT Services"),
    ("customers", "Customers of Its Services"),
    ("all", "Everybody"),
]
#: So many characters of an article tell what it is about.
SUMMARY = 160


class DocumentPage(models.Model):
    """Articles about IT services: pages that say who may read them.

    Pages without an audience are those of others: nothing here applies to them.
    """

    _name = "document.page"
    _inherit = ["document.page"]
    _check_company_auto = True

    # Texts come from tickets, mails and imports, too, and are shown to customers.
    content = fields.Html(sanitize=True, sanitize_overridable=False)
    itsm_audience = fields.Selection(
        AUDIENCES,
        string="Read By",
        index="btree_not_null",
        tracking=True,
        help="Who reads the article. Staff read all articles; customers and employees "
        "find what is for them on the portal.",
    )
    itsm_service_ids = fields.Many2many(
        "itsm.service",
        "itsm_article_service_rel",
        "page_id",
        "service_id",
        string="Services",
        check_company=True,
        tracking=True,
        help="It is offered on their tickets first. Where it is for customers, their "
        "customers read it.",
    )
    itsm_ci_ids = fields.Many2many(
        "itsm.ci",
        "itsm_article_ci_rel",
        "page_id",
        "ci_id",
        string="Configuration Items",
        domain=[("is_service", "=", False)],
        check_company=True,
        help="It is offered on their tickets first.",
    )
    itsm_problem_ids = fields.Many2many(
        "itsm.problem",
        "itsm_article_problem_rel",
        "page_id",
        "problem_id",
        string="Problems",
        check_company=True,
    )
    itsm_ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        "itsm_article_ticket_rel",
        "page_id",
        "ticket_id",
        string="Tickets",
        copy=False,
        help="On which it was used, and from which it was made.",
    )
    itsm_ticket_count = fields.Integer(
        string="Used On", compute="_compute_itsm_ticket_count"
    )
    itsm_keywords = fields.Char(
        string="Other Words",
        help="Words under which people look for it, and that are not in its text.",
    )
    itsm_text = fields.Text(
        string="Text of the Article",
        compute="_compute_itsm_text",
        store=True,
        help="Without markup: what is searched and taken over on tickets.",
    )
    itsm_summary = fields.Char(string="Begins With", compute="_compute_itsm_summary")

    @api.depends("history_head.content", "itsm_audience", "type")
    def _compute_itsm_text(self):
        for page in self:
            text = page.history_head.content
            if page.itsm_audience and not is_html_empty(text):
                page.itsm_text = to_text(text)
            else:
                page.itsm_text = False

    @api.depends("history_ids")
    def _compute_history_head(self):
        """Take the last version, which in the cache may stand behind older ones."""
        for page in self:
            page.history_head = page.history_ids.sorted("id", reverse=True)[:1]

    @api.depends("history_head")
    def _compute_content(self):
        """Show articles to whoever may read them: versions are for staff alone."""
        articles = self.filtered("itsm_audience")
        for page in articles:
            # sudo: the last version is what the page says, and the page may be read.
            page.content = (
                page.sudo().history_head.content or self._HTML_WIDGET_DEFAULT_VALUE
            )
        return super(DocumentPage, self - articles)._compute_content()

    @api.depends("itsm_text")
    def _compute_itsm_summary(self):
        for page in self:
            text = " ".join((page.itsm_text or "").split())
            if len(text) > SUMMARY:
                text = text[:SUMMARY].rsplit(" ", 1)[0] + " …"
            page.itsm_summary = text

    @api.depends("itsm_ticket_ids")
    def _compute_itsm_ticket_count(self):
        counts = dict(
            self.env["helpdesk.ticket"]._read_group(
                [("article_ids", "in", self.ids)], ["article_ids"], ["__count"]
            )
            if self.ids
            else ()
        )
        for page in self:
            page.itsm_ticket_count = counts.get(page._origin, 0)

    @api.constrains("itsm_audience", "itsm_service_ids", "type")
    def _check_itsm_audience(self):
        for page in self:
            if page.itsm_audience and page.type != "content":
                raise ValidationError(
                    self.env._(
                        "%s is a category. Only pages with content are articles.",
                        page.display_name,
                    )
                )
            if page.itsm_audience == "customers" and not page.itsm_service_ids:
                raise ValidationError(
                    self.env._(
                        "Say of which services the customers are who read %s, or let "
                        "everybody or only staff read it.",
                        page.display_name,
                    )
                )

    @api.onchange("itsm_audience")
    def _onchange_itsm_audience(self):
        if self.itsm_audience and self.type == "category":
            self.type = "content"

    def _get_page_index(self, link=True):
        """Escape the titles, which document_page puts into its HTML as they are."""
        self.ensure_one()
        parts = [f"<li>{page._get_page_index()}</li>" for page in self.child_ids]
        index = f"<ul>{''.join(parts)}</ul>" if parts else ""
        if not link:
            return index
        url, title = html_escape(self.backend_url), html_escape(self.name)
        return f'<a href="{url}">{title}</a>{index}'

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    @api.model
    def _get_articles_action(self, name, domain, **context):
        """Return an action that lists articles."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_knowledge.document_page_action_articles"
        )
        return {
            **action,
            "name": name,
            "domain": list(Domain("itsm_audience", "!=", False) & Domain(domain)),
            "context": {
                "default_type": "content",
                "default_itsm_audience": "staff",
                **context,
            },
        }

    def action_open_article(self):
        """Open the article as people of IT services see it."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [
                (
                    self.env.ref("itsm_knowledge.document_page_view_form_article").id,
                    "form",
                )
            ],
        }

    def action_open_article_tickets(self):
        """Open the tickets on which the article was used."""
        self.ensure_one()
        return self.env["helpdesk.ticket"]._get_list_action(
            self.env._("Tickets of %s", self.display_name),
            [("article_ids", "in", self.ids)],
        )
