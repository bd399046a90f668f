from odoo import fields, models
from odoo.fields import Command


class ItsmArticleSourceMixin(models.AbstractModel):
    """A record that articles are about."""

    _name = "itsm.article.source.mixin"
    _description = "Subject of Articles"

    #: The field of an article that names such records.
    _article_field = None

    itsm_article_count = fields.Integer(
        string="Articles",
        compute="_compute_itsm_article_count",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )

    def _compute_itsm_article_count(self):
        name = self._article_field
        counts = dict(
            self.env["document.page"]._read_group(
                [("itsm_audience", "!=", False), (name, "in", self.ids)],
                [name],
                ["__count"],
            )
        )
        for record in self:
            record.itsm_article_count = counts.get(record._origin, 0)

    def action_open_articles(self):
        """Open the articles about the record; new ones are about it."""
        self.ensure_one()
        self.check_access("read")
        name = self._article_field
        return self.env["document.page"]._get_articles_action(
            self.env._("Articles about %s", self.display_name),
            [(name, "in", self.ids)],
            **{f"default_{name}": [Command.link(self.id)]},
        )


class ItsmService(models.Model):
    _name = "itsm.service"
    _inherit = ["itsm.service", "itsm.article.source.mixin"]
    _article_field = "itsm_service_ids"


class ItsmProblem(models.Model):
    _name = "itsm.problem"
    _inherit = ["itsm.problem", "itsm.article.source.mixin"]
    _article_field = "itsm_problem_ids"


class ItsmCi(models.Model):
    _name = "itsm.ci"
    _inherit = ["itsm.ci", "itsm.article.source.mixin"]
    _article_field = "itsm_ci_ids"
