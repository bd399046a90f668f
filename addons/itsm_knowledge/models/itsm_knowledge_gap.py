from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .document_page_search import split_words

#: What is longer was pasted and not searched.
LONGEST = 100
#: So many different searches of one customer (or of the desk) are kept of a day.
MOST_A_DAY = 200
KEPT = timedelta(days=365)


class ItsmKnowledgeGap(models.Model):
    """What people looked for in the knowledge base, and found nothing.

    Of whom is kept only the customer: what is missing does not depend on who asked.
    The same words on the same day are one.
    """

    _name = "itsm.knowledge.gap"
    _description = "Search Without Result"
    _order = "date desc, id desc"

    name = fields.Char(string="Words", required=True, readonly=True)
    source = fields.Selection(
        [("portal", "Portal"), ("desk", "Desk")],
        string="Where",
        required=True,
        readonly=True,
    )
    date = fields.Date(string="Day", required=True, readonly=True)
    customer_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    active = fields.Boolean(default=True, readonly=True)

    _once_a_day = models.UniqueIndex(
        "(company_id, date, source, name, COALESCE(customer_id, 0))",
        "This search is kept already.",
    )

    @api.model
    def _record(self, text, source):
        """Keep that the current user found nothing for a text.

        :param str text: as typed
        :param str source: "portal" or "desk"
        """
        words = " ".join(split_words(text))
        if len(words) < 2 or len(words) > LONGEST:
            return
        # sudo: of which customer somebody is, is not shown to that person.
        customer = self.env.user.partner_id.sudo().itsm_customer_id
        if source == "desk":
            customer = customer.browse()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO itsm_knowledge_gap
                       (name, source, date, customer_id, company_id, active,
                        create_uid, create_date)
                SELECT %(name)s, %(source)s, %(day)s, %(customer)s, %(company)s, true,
                       %(user)s, now() AT TIME ZONE 'UTC'
                 WHERE (SELECT count(*) FROM itsm_knowledge_gap
                         WHERE company_id = %(company)s AND date = %(day)s
                           AND source = %(source)s
                           AND COALESCE(customer_id, 0) = %(customer_key)s)
                       < %(most)s
                    ON CONFLICT DO NOTHING
                """,
                name=words,
                source=source,
                day=fields.Date.context_today(self),
                customer=customer.id or None,
                customer_key=customer.id or 0,
                company=self.env.company.id,
                # Nobody in particular: who looked for it is not kept.
                user=self.env.ref("base.user_root").id,
                most=MOST_A_DAY,
            )
        )
        self.invalidate_model()

    def action_write_article(self):
        """Begin an article that people find by these words."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "document.page",
            "view_mode": "form",
            "views": [
                (
                    self.env.ref("itsm_knowledge.document_page_view_form_article").id,
                    "form",
                )
            ],
            "context": {
                "default_type": "content",
                "default_itsm_audience": "staff",
                "default_itsm_keywords": self.name,
            },
        }

    def action_settle(self):
        """Put aside all searches for these words: they are answered, or no question."""
        if not self.env.user.has_group("itsm_core.group_manager"):
            # Nobody has this right: it says so in the words that people know.
            self.check_access("write")
        self.check_access("read")
        # sudo: nobody writes what was recorded; who may put it aside was asked.
        for company in self.company_id:
            own = self.filtered(lambda gap, one=company: gap.company_id == one)
            self.sudo().search(
                [("company_id", "=", company.id), ("name", "in", own.mapped("name"))]
            ).write({"active": False})
        return True

    @api.autovacuum
    def _gc_old(self):
        """Forget what is so old that it says nothing of what is missing now."""
        limit = fields.Date.today() - KEPT
        self.with_context(active_test=False).search([("date", "<", limit)]).unlink()
