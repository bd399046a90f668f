from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.itsm_core.tools.boolean_search import boolean_search


class ItsmArticleVote(models.Model):
    """Whether an article helped somebody. Each has one vote, and may change it."""

    _name = "itsm.article.vote"
    _description = "Vote on an Article"
    _order = "id desc"
    _rec_name = "page_id"

    page_id = fields.Many2one(
        "document.page", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, index=True, ondelete="cascade"
    )
    is_helpful = fields.Boolean(string="Helpful", readonly=True)

    _one_each = models.UniqueIndex(
        "(page_id, user_id)", "Everybody votes once on an article."
    )


class DocumentPage(models.Model):
    """Whether articles helped those who read them."""

    _name = "document.page"
    _inherit = ["document.page"]

    itsm_vote_ids = fields.One2many("itsm.article.vote", "page_id", readonly=True)
    itsm_helpful_count = fields.Integer(
        string="Helpful", compute="_compute_itsm_votes", compute_sudo=True
    )
    itsm_unhelpful_count = fields.Integer(
        string="Not Helpful", compute="_compute_itsm_votes", compute_sudo=True
    )
    itsm_my_vote = fields.Selection(
        [("yes", "Helpful"), ("no", "Not Helpful")],
        string="My Vote",
        compute="_compute_itsm_my_vote",
        compute_sudo=True,
    )
    is_itsm_unhelpful = fields.Boolean(
        string="More Said No Than Yes",
        compute="_compute_itsm_votes",
        compute_sudo=True,
        search="_search_is_itsm_unhelpful",
    )

    @api.depends("itsm_vote_ids.is_helpful")
    def _compute_itsm_votes(self):
        counts = {
            (page.id, is_helpful): count
            for page, is_helpful, count in self.env["itsm.article.vote"]._read_group(
                [("page_id", "in", self.ids)], ["page_id", "is_helpful"], ["__count"]
            )
        }
        for page in self:
            page.itsm_helpful_count = counts.get((page._origin.id, True), 0)
            page.itsm_unhelpful_count = counts.get((page._origin.id, False), 0)
            page.is_itsm_unhelpful = page.itsm_unhelpful_count > page.itsm_helpful_count

    @api.depends_context("uid")
    @api.depends("itsm_vote_ids.is_helpful")
    def _compute_itsm_my_vote(self):
        votes = self.env["itsm.article.vote"].search(
            [("page_id", "in", self.ids), ("user_id", "=", self.env.uid)]
        )
        mine = {vote.page_id.id: "yes" if vote.is_helpful else "no" for vote in votes}
        for page in self:
            page.itsm_my_vote = mine.get(page._origin.id, False)

    @boolean_search
    def _search_is_itsm_unhelpful(self):
        self.env["itsm.article.vote"].flush_model()
        return Domain(
            "id",
            "in",
            SQL(
                "(SELECT page_id FROM itsm_article_vote GROUP BY page_id"
                " HAVING count(*) FILTER (WHERE is_helpful) * 2 < count(*))"
            ),
        )

    def action_vote_helpful(self):
        """Say that the article helped."""
        return self._vote_checked(True)

    def action_vote_unhelpful(self):
        """Say that the article did not help."""
        return self._vote_checked(False)

    def _vote_checked(self, is_helpful):
        # Of the desk. All others vote on the portal; auditors leave no trace.
        self.check_access("write")
        self._vote(is_helpful)
        return True

    def _vote(self, is_helpful):
        """Set the vote of the current user, who may read the articles.

        One statement for each, so that two clicks at once leave one vote.
        """
        if not self.env.uid or self.env.user._is_public():
            raise UserError(self.env._("Log in to say whether an article helped."))
        self.env["itsm.article.vote"].flush_model()
        for page in self:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO itsm_article_vote
                           (page_id, user_id, is_helpful, create_uid, create_date,
                            write_uid, write_date)
                    VALUES (%(page)s, %(user)s, %(vote)s, %(user)s,
                            now() AT TIME ZONE 'UTC', %(user)s,
                            now() AT TIME ZONE 'UTC')
                        ON CONFLICT (page_id, user_id) DO UPDATE
                       SET is_helpful = EXCLUDED.is_helpful,
                           write_date = EXCLUDED.write_date
                    """,
                    page=page.id,
                    user=self.env.uid,
                    vote=is_helpful,
                )
            )
        self.env["itsm.article.vote"].invalidate_model()
        self.invalidate_recordset(
            [
                "itsm_vote_ids",
                "itsm_helpful_count",
                "itsm_unhelpful_count",
                "is_itsm_unhelpful",
                "itsm_my_vote",
            ]
        )
