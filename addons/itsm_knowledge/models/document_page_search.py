from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import escape_psql

#: What people type beyond this says nothing more.
MOST_WORDS = 12
#: Titles so much like what was typed are meant, where no article has all its words.
MEANT = 0.6


class DocumentPage(models.Model):
    """How articles are found by words."""

    _name = "document.page"
    _inherit = ["document.page"]

    itsm_words = fields.Char(
        string="Article",
        compute="_compute_itsm_words",
        search="_search_itsm_words",
        help="Finds articles that have all these words in title, text or other words.",
    )

    def _compute_itsm_words(self):
        self.itsm_words = False

    def _search_itsm_words(self, operator, value):
        """Search as the screens do, and remember what nothing was found for."""
        if operator not in ("ilike", "=ilike", "like", "in"):
            return NotImplemented
        text = " ".join(value) if operator == "in" else value
        found = self.with_context(active_test=True)._find_articles(text)
        if not found:
            self.env["itsm.knowledge.gap"]._record(text, "desk")
        return Domain("id", "in", found.ids)

    @api.model
    def _find_articles(self, text, domain=Domain.TRUE):
        """Return the articles that have all the words of a text, the best first.

        Those with the words in the title come first. Where there is none, and the
        database has pg_trgm, those whose titles are much like the text: people mistype.

        :param str text: as typed
        :param domain: which articles are looked through
        """
        domain = Domain("itsm_audience", "!=", False) & Domain(domain)
        words = split_words(text)
        if not words:
            return self.search(domain)
        found = self.search(
            domain
            & Domain.AND(
                Domain.OR(
                    Domain(name, "ilike", escape_psql(word))
                    for name in ("name", "itsm_keywords", "itsm_text")
                )
                for word in words
            )
        )
        if not found and self.env.registry.has_trigram:
            found = self._find_meant(" ".join(words), self.search(domain))

        def count_in_title(page):
            title = page.name.lower()
            return sum(word in title for word in words)

        return found.sorted(lambda page: (-count_in_title(page), page.name, page.id))

    def _find_meant(self, text, pages):
        """Return those of the pages whose titles are much like a text."""
        self.env["document.page"].flush_model(["name", "itsm_keywords"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM document_page
                 WHERE id = ANY(%s)
                   AND GREATEST(word_similarity(%s, name),
                                word_similarity(%s, COALESCE(itsm_keywords, ''))) >= %s
                """,
                pages.ids,
                text,
                text,
                MEANT,
            )
        )
        return self.browse(page_id for (page_id,) in rows)


def split_words(text):
    """Return the words of what somebody typed, in lower case, each once."""
    return list(dict.fromkeys(str(text or "").lower().split()))[:MOST_WORDS]
