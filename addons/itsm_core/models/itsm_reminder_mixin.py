from odoo import api, models


class ItsmReminderMixin(models.AbstractModel):
    """Activities for many records and people at once.

    A batch costs as many queries as one record: nobody is mailed one by one, the
    activities are in everybody's own list. For models with ``mail.activity.mixin``.
    """

    _name = "itsm.reminder.mixin"
    _description = "Reminders in Bulk"

    @api.model
    def _remind(self, activity_type, rows, summary):
        """Give each user an activity on a record.

        :param str activity_type: XML id of the type
        :param rows: ``(record, user, day)`` triples; without a user nobody is told
        :param str summary: what has to be done, without naming people
        """
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        type_id = self.env.ref(activity_type).id
        model_id = self.env["ir.model"]._get_id(self._name)
        activities.create(
            [
                {
                    "activity_type_id": type_id,
                    "automated": True,
                    "res_model_id": model_id,
                    "res_id": record.id,
                    "user_id": user.id,
                    "date_deadline": day,
                    "summary": summary,
                }
                for record, user, day in rows
                if user
            ]
        )
