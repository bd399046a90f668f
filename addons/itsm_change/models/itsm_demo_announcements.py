from odoo import api, models


class ItsmDemoAnnouncements(models.AbstractModel):
    """Tells the customers of the demo story about changes to come.

    Called by the loader of the changes and by nothing else.
    """

    _name = "itsm.demo.announcements"
    _description = "Announced Changes of the Demo Story"

    @api.model
    def _load(self, changes, _keys, clock):
        """Announce what is said to be announced; its mails count as sent.

        :param dict changes: changes of the story by key
        :param clock: ``StoryClock``
        """
        told = clock.parse("-1d 15:10")
        for change in changes.values():
            if not change.announce_title:
                continue
            change.with_user(change.owner_id).action_announce()
            announcement = change.announcement_ids[:1]
            notices = announcement.notice_ids
            self.env["mail.mail"].search(
                [("model", "=", notices._name), ("res_id", "in", notices.ids)]
            ).unlink()
            demo = self.env["itsm.demo"]
            demo._set_columns(announcement, date=told, create_date=told)
            demo._set_columns(notices, state="sent", sent_at=told)
