from odoo import models
from odoo.tools import SQL


class ItsmAnonymizer(models.AbstractModel):
    """The part that removes people from what was requested from the catalogue."""

    _name = "itsm.anonymizer"
    _inherit = ["itsm.anonymizer"]

    def _anonymize_elsewhere(self, ids):
        result = super()._anonymize_elsewhere(ids)
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_catalog_order o
                   SET answers = NULL, answer_list = NULL, typed = NULL,
                       requester_id = NULL, partner_id = NULL,
                       create_uid = %(root)s, write_uid = %(root)s,
                       refusal_reason = CASE WHEN refusal_reason IS NOT NULL
                                             THEN %(removed)s END
                 WHERE o.ticket_id = ANY(%(ids)s)
             RETURNING o.id
                """,
                root=self.env.ref("base.user_root").id,
                removed=self.env._("Removed to protect personal data"),
                ids=ids,
            )
        )
        order_ids = [order_id for (order_id,) in self.env.cr.fetchall()]
        self.env.cr.execute(
            SQL(
                "UPDATE tier_review SET comment = NULL"
                " WHERE model = 'itsm.catalog.order' AND res_id = ANY(%s)",
                order_ids,
            )
        )
        self.env.cr.execute(
            SQL(
                "DELETE FROM mail_followers"
                " WHERE res_model = 'itsm.catalog.order' AND res_id = ANY(%s)",
                order_ids,
            )
        )
        self._empty_messages(
            SQL("m.model = 'itsm.catalog.order' AND m.res_id = ANY(%s)", order_ids)
        )
        return result
