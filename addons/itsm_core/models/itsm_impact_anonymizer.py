from odoo import models
from odoo.tools import SQL


class ItsmAnonymizer(models.AbstractModel):
    """The part that removes why branches were left out of the impact of tickets."""

    _name = "itsm.anonymizer"
    _inherit = ["itsm.anonymizer"]

    def _anonymize_elsewhere(self, ids):
        result = super()._anonymize_elsewhere(ids)
        # Staff stay, as everywhere; whoever asked for help goes.
        self.env.cr.execute(
            SQL(
                """
                UPDATE itsm_impact_exclusion e
                   SET reason = %(removed)s,
                       create_uid = CASE WHEN c.partner_id IN (
                               t.partner_id, t.affected_partner_id)
                           THEN %(root)s ELSE e.create_uid END,
                       restored_uid = CASE WHEN r.partner_id IN (
                               t.partner_id, t.affected_partner_id)
                           THEN %(root)s ELSE e.restored_uid END,
                       write_uid = %(root)s
                  FROM helpdesk_ticket t, itsm_impact_exclusion x
             LEFT JOIN res_users c ON c.id = x.create_uid
             LEFT JOIN res_users r ON r.id = x.restored_uid
                 WHERE x.id = e.id AND t.id = e.ticket_id
                   AND e.ticket_id = ANY(%(ids)s)
                """,
                removed=self.env._("Removed to protect personal data"),
                root=self.env.ref("base.user_root").id,
                ids=ids,
            )
        )
        return result
