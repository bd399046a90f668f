from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.itsm_core.tools.boolean_search import boolean_search


class DocumentPage(models.Model):
    """Who answers for an article, and when it is looked at again."""

    _name = "document.page"
    _inherit = ["document.page"]

    itsm_owner_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self._default_itsm_owner(),
        domain=[("share", "=", False)],
        index="btree_not_null",
        tracking=True,
        help="Answers for it being true.",
    )
    itsm_review_date = fields.Date(
        string="Review By",
        compute="_compute_itsm_review_date",
        store=True,
        readonly=False,
        copy=False,
        tracking=True,
        help="When somebody looks whether it is still true.",
    )
    is_itsm_review_due = fields.Boolean(
        string="Review Due",
        compute="_compute_is_itsm_review_due",
        search="_search_is_itsm_review_due",
    )

    @api.model
    def _default_itsm_owner(self):
        return self.env.user if self.env.context.get("default_itsm_audience") else False

    @api.depends("itsm_audience")
    def _compute_itsm_review_date(self):
        for page in self:
            if not page.itsm_audience:
                page.itsm_review_date = False
            elif not page.itsm_review_date:
                page.itsm_review_date = page._get_next_review()

    def _get_next_review(self):
        days = (self.company_id or self.env.company).itsm_article_review_days
        return fields.Date.context_today(self) + timedelta(days=days)

    @api.depends_context("tz")
    @api.depends("itsm_review_date", "active")
    def _compute_is_itsm_review_due(self):
        today = fields.Date.context_today(self)
        for page in self:
            page.is_itsm_review_due = bool(
                page.active and page.itsm_review_date and page.itsm_review_date <= today
            )

    @boolean_search
    def _search_is_itsm_review_due(self):
        return Domain("active", "=", True) & Domain(
            "itsm_review_date", "<=", fields.Date.context_today(self)
        )

    def action_confirm_article(self):
        """Say that articles are still true, and set when they are looked at next."""
        self.check_access("write")
        for page in self:
            page.itsm_review_date = page._get_next_review()
            page._message_log(
                body=self.env._("Reviewed: %s is still true.", page.display_name)
            )
        return True
