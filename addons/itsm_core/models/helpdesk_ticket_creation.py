from odoo import models
from odoo.tools import SQL


class HelpdeskTicket(models.Model):
    """The message about a new ticket, at the cost of a log where nobody hears it."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    def _creation_subtype(self):
        """Have the creation posted only where somebody follows it.

        Posting takes seven queries a ticket, and without followers of that subtype
        it tells nobody: mail.thread then logs all such tickets in one go.
        """
        subtype_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "helpdesk_mgmt.hlp_tck_created"
        )
        if not self._is_creation_followed(subtype_id):
            return self.env["mail.message.subtype"]
        return super()._creation_subtype()

    def _is_creation_followed(self, subtype_id):
        """Tell whether anybody but the author follows this subtype of the ticket.

        Looked up once for all tickets created together.
        """
        followed = self.env.cr.cache.setdefault("itsm_creation_followed", {})
        if self.id not in followed:
            ids = list(self._prefetch_ids)
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT f.res_id
                      FROM mail_followers f
                      JOIN mail_followers_mail_message_subtype_rel r
                        ON r.mail_followers_id = f.id
                     WHERE f.res_model = %s
                       AND f.res_id = ANY(%s)
                       AND f.partner_id <> %s
                       AND r.mail_message_subtype_id = %s
                    """,
                    self._name,
                    ids,
                    self.env.user.partner_id.id,
                    subtype_id,
                )
            )
            heard = {res_id for (res_id,) in rows}
            followed.update((ticket_id, ticket_id in heard) for ticket_id in ids)
        return followed.pop(self.id)
