from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    itsm_article_review_days = fields.Integer(
        string="Review Articles After",
        default=180,
        help="So many days after an article was written or reviewed, its owner looks "
        "again whether it is still true.",
    )

    _itsm_article_review_days_range = models.Constraint(
        "CHECK (itsm_article_review_days BETWEEN 1 AND 1095)",
        "Articles are reviewed after 1 to 1095 days.",
    )
