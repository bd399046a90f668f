from odoo import models


class MailMessage(models.Model):
    _inherit = "mail.message"

    def _get_forbidden_access(self, operation):
        """Keep what is internal on a ticket from customers, of whatever type it is.

        mail hides internal comments only: a portal user who guesses numbers reads
        the log of changes and notes written by code. Nor may customers rewrite
        what is recorded, their own words included, other than by the chatter.
        """
        forbidden = super()._get_forbidden_access(operation)
        if self.env.user._is_internal():
            return forbidden
        for message in (self - forbidden).sudo():
            if message.model == "helpdesk.ticket" and (
                operation in ("write", "unlink")
                or message.is_internal
                or not message.subtype_id
                or message.subtype_id.internal
            ):
                forbidden += message.sudo(False)
        return forbidden
