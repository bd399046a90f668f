from odoo.http import request

from odoo.addons.mail.controllers.thread import ThreadController


class TicketThreadController(ThreadController):
    def _prepare_message_data(self, post_data, *, thread, **kwargs):
        """Let customers write plain comments, whatever their browser sends.

        The message is posted in superuser mode: without this, customers could
        write internal notes, or mail that counts as automatic.
        """
        values = super()._prepare_message_data(post_data, thread=thread, **kwargs)
        if (
            thread._name == "helpdesk.ticket"
            and kwargs.get("from_create")
            and not request.env.user._is_internal()
        ):
            values.update(message_type="comment", subtype_xmlid="mail.mt_comment")
        return values
