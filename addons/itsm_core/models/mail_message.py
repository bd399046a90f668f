from odoo import models
from odoo.exceptions import UserError

from ..tools.uninstall import guard_unlink


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

    @guard_unlink
    def _unlink_except_of_tickets(self):
        """Keep what was said on tickets: contacts and clocks rest on it.

        In the chatter a message can still be emptied, which keeps that it was sent.
        Code of the server may delete, as where personal data is removed.
        """
        if not self.env.su and "helpdesk.ticket" in self.sudo().mapped("model"):
            raise UserError(
                self.env._(
                    "Messages of tickets are records of what happened and cannot be "
                    "deleted. Their text can be emptied in the chatter."
                )
            )
