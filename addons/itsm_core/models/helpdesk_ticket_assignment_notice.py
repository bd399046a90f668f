from markupsafe import Markup

from odoo import api, models

NAMED_AT_MOST = 20
#: Set while several tickets are created: their assignees are told afterwards.
LATER_KEY = "itsm_tell_assignees_later"


class HelpdeskTicket(models.Model):
    """Telling people about the tickets they got: once, however many they are.

    mail.thread writes a mail for each ticket, which is a hundred mails to one person
    after a bulk action, and as many times the queries.
    """

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    @api.model_create_multi
    def create(self, vals_list):
        # Without tracking, as history is loaded, mail.thread tells nobody either.
        if len(vals_list) < 2 or self.env.context.get("tracking_disable"):
            return super().create(vals_list)
        later = self.with_context(**{LATER_KEY: True})
        tickets = super(HelpdeskTicket, later).create(vals_list).with_env(self.env)
        for user, assigned in tickets.grouped("user_id").items():
            if user:
                assigned._message_auto_subscribe(
                    {"user_id": user.id}, followers_existing_policy="update"
                )
        return tickets

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        if self.env.context.get(LATER_KEY):
            return []
        return super()._message_auto_subscribe_followers(
            updated_values, default_subtype_ids
        )

    def _message_auto_subscribe_notify(self, partner_ids, template):
        if len(self) < 2 or self.env.context.get("mail_auto_subscribe_no_notify"):
            return super()._message_auto_subscribe_notify(partner_ids, template)
        items = Markup().join(
            Markup("<li>%s</li>") % ticket._get_html_link(title=ticket.display_name)
            for ticket in self[:NAMED_AT_MOST]
        )
        if len(self) > NAMED_AT_MOST:
            items += Markup("<li>%s</li>") % self.env._(
                "and %(count)s more", count=len(self) - NAMED_AT_MOST
            )
        subject = self.env._(
            "You have been assigned to %(count)s tickets", count=len(self)
        )
        return self.env["mail.thread"].message_notify(
            subject=subject,
            body=Markup("<p>%s</p><ul>%s</ul>") % (subject, items),
            partner_ids=partner_ids,
            email_layout_xmlid="mail.mail_notification_layout",
        )
