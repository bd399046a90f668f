from odoo import api, fields, models
from odoo.tools import SQL

BATCH = 1000


class ItsmAnonymization(models.Model):
    _name = "itsm.anonymization"
    _inherit = ["itsm.anonymization"]

    use_count = fields.Integer(string="Uses of Items", readonly=True)


class ItsmAnonymizer(models.AbstractModel):
    """The part that removes people from the uses of items that are over.

    What somebody uses now stays: it has to be taken back.
    """

    _name = "itsm.anonymizer"
    _inherit = ["itsm.anonymizer"]

    @api.model
    def _forget_person(self, person, address, companies):
        count = super()._forget_person(person, address, companies)
        for company in companies if person else ():
            self._anonymize_uses(
                SQL("u.partner_id = %s", person.id), company, "request"
            )
        return count

    @api.model
    def _anonymize_uses(self, condition, company, kind, months=0, limit=None):
        """Remove people from uses of a company's items that are over, and log it.

        :param SQL condition: on the uses, as ``u``
        :param company: ``res.company``; what is shared by all counts as its, too
        :param str kind: "retention" or "request"
        :param int months: the retention period that applied
        :param int limit: how many uses at most
        :return: number of uses
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT u.id, u.ci_id, u.partner_id
                  FROM itsm_ci_use u JOIN itsm_ci c ON c.id = u.ci_id
                 WHERE u.date_to IS NOT NULL AND u.partner_id IS NOT NULL
                   AND (c.company_id = %s OR c.company_id IS NULL) AND %s
              ORDER BY u.id LIMIT %s
                """,
                company.id,
                condition,
                limit,
            )
        )
        if not rows:
            return 0
        ids, ci_ids, partner_ids = map(list, zip(*rows, strict=True))
        self.env.cr.execute(
            SQL("UPDATE itsm_ci_use SET partner_id = NULL WHERE id = ANY(%s)", ids)
        )
        # Whoever has it again, or has not given it back, is still known to have it.
        over = SQL(
            """
            (SELECT DISTINCT p.ci_id, p.partner_id
               FROM unnest(%s, %s) AS p (ci_id, partner_id)
              WHERE NOT EXISTS (SELECT FROM itsm_ci_use u
                                 WHERE u.ci_id = p.ci_id
                                   AND u.partner_id = p.partner_id))
            """,
            ci_ids,
            partner_ids,
        )
        self._empty_uses_in_history(over)
        self._empty_uses_in_baselines(over)
        self._empty_uses_in_audits(over)
        self.env.invalidate_all(flush=False)
        self.env["itsm.anonymization"]._log(company, kind, months, use_count=len(rows))
        return len(rows)

    def _empty_uses_in_history(self, over):
        """Remove people from the tracked history of the items they used."""
        field_id = self.env["ir.model.fields"]._get_ids("itsm.ci")["user_partner_id"]
        for side in ("old", "new"):
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE mail_tracking_value v SET %(char)s = NULL, %(id)s = NULL
                      FROM mail_message m, %(over)s o
                     WHERE m.id = v.mail_message_id AND m.model = 'itsm.ci'
                       AND m.res_id = o.ci_id AND v.field_id = %(field_id)s
                       AND v.%(id)s = o.partner_id
                    """,
                    char=SQL.identifier(f"{side}_value_char"),
                    id=SQL.identifier(f"{side}_value_integer"),
                    over=over,
                    field_id=field_id,
                )
            )

    def _empty_uses_in_baselines(self, over):
        """Remove people from what was frozen: that there was a user stays."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_ci_baseline_item b
                   SET facts = jsonb_set(
                           facts, '{user_partner_id}',
                           jsonb_build_array('[]'::jsonb, %(removed)s::text,
                                             facts -> 'user_partner_id' -> 2))
                  FROM %(over)s o
                 WHERE b.ci_id = o.ci_id
                   AND b.facts -> 'user_partner_id' -> 0
                       @> to_jsonb(o.partner_id)
                """,
                removed=self.env._("[removed]"),
                over=over,
            )
        )

    def _empty_uses_in_audits(self, over):
        """Remove people from what audits expected and found of these items."""
        for table in ("itsm_ci_audit_item", "itsm_ci_audit_finding"):
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE %s f SET user_partner_id = NULL FROM %s o
                     WHERE f.ci_id = o.ci_id AND f.user_partner_id = o.partner_id
                    """,
                    SQL.identifier(table),
                    over,
                )
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_ci_audit_difference d
                   SET expected = replace(d.expected, p.name, %(removed)s),
                       found = replace(d.found, p.name, %(removed)s)
                  FROM %(over)s o JOIN res_partner p ON p.id = o.partner_id
                 WHERE d.ci_id = o.ci_id
                   AND (strpos(d.expected, p.name) > 0 OR strpos(d.found, p.name) > 0)
                """,
                removed=self.env._("[removed]"),
                over=over,
            )
        )


class ItsmCiUse(models.Model):
    _name = "itsm.ci.use"
    _inherit = ["itsm.ci.use"]

    @api.model
    def _cron_anonymize(self):
        """Remove people from uses that ended before the retention period.

        Safe to be stopped midway: each batch is committed with its line in the log.
        """
        anonymizer = self.env["itsm.anonymizer"]
        anonymizer._forget_expired(
            anonymizer._anonymize_uses, SQL("u.date_to"), fields.Date.today(), BATCH
        )
