from odoo import api, models
from odoo.fields import Domain
from odoo.tools import html_sanitize


class DocumentPage(models.Model):
    """What customers and employees read of articles on the portal."""

    _name = "document.page"
    _inherit = ["document.page"]

    @api.model
    def _get_portal_article_domain(self):
        """Return which articles the current user may read on the portal."""
        services = self.env["itsm.service"]._get_portal_domain()
        return (
            Domain("type", "=", "content")
            & Domain("active", "=", True)
            & Domain("company_id", "in", (False, *self.env.user.company_ids.ids))
            & (
                Domain("itsm_audience", "=", "all")
                | Domain("itsm_audience", "=", "customers")
                & Domain("itsm_service_ids", "any", services)
            )
        )

    @api.model
    def _get_portal_articles(self, article_id=None, words=""):
        """Return the articles that the current user may read, the best first.

        Superuser mode: customers have no access to pages. What is shown are values of
        these records alone, by ``_get_portal_values``.

        :param int article_id: only this one, if it is among them
        :param str words: only those that have all of these words
        """
        domain = self._get_portal_article_domain()
        if article_id is not None:
            domain &= Domain("id", "=", article_id)
        # sudo: see above. The domain leaves what the user may read.
        return self.sudo()._find_articles(words, domain)

    def _get_portal_values(self):
        """Return what the portal shows of an article, in superuser mode.

        Neither who wrote it nor what it is linked to, but those of its services that
        the reader has.
        """
        self.ensure_one()
        services = self.env["itsm.service"]._get_portal_domain()
        return {
            "id": self.id,
            "title": self.name,
            "summary": self.itsm_summary,
            # Pages may be older than the add-on, which lets nothing in that runs.
            "body": html_sanitize(self.content or ""),
            "date": self.content_date,
            "services": self.itsm_service_ids.filtered_domain(services).mapped("name"),
            "vote": self.itsm_my_vote,
        }

    def _is_open_to(self, customer):
        """Tell whether a customer may read the article.

        :param customer: ``res.partner``, or none for somebody without a customer
        """
        self.ensure_one()
        if self.itsm_audience == "all":
            return True
        return self.itsm_audience == "customers" and bool(
            self.itsm_service_ids.filtered_domain(
                self.env["itsm.service"]._get_customer_domain(customer)
            )
        )
