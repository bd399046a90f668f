from odoo import api, fields, models


class ItsmAbsence(models.Model):
    """When a colleague gets no tickets.

    Everybody at the desk sees who is away. The kinds tell what planning needs to
    know, and nothing about anybody's health.
    """

    _name = "itsm.absence"
    _description = "Absence"
    _order = "start desc, id desc"

    user_id = fields.Many2one(
        "res.users",
        string="Who",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    start = fields.Datetime(required=True, default=fields.Datetime.now)
    stop = fields.Datetime(required=True)
    kind = fields.Selection(
        [
            ("leave", "Leave"),
            ("training", "Training"),
            ("duties", "Other Duties"),
        ],
        required=True,
        default="leave",
    )

    _user_time_index = models.Index("(user_id, stop, start)")
    _stop_after_start = models.Constraint(
        "CHECK (stop > start)",
        "An absence has to stop after it starts. Check the two dates.",
    )

    @api.depends("user_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for absence in self:
            names = [absence.user_id.name, kinds.get(absence.kind)]
            absence.display_name = " · ".join(filter(None, names))

    @api.model
    def _get_absent_users(self, users, at=None):
        """Return those of the users who are absent.

        :param users: ``res.users`` records
        :param datetime at: naive UTC; default now
        """
        at = at or fields.Datetime.now()
        # sudo: tickets are assigned on behalf of customers and by the mail gateway,
        # who see nobody's absence; only who is away is told.
        absences = self.sudo().search(
            [("user_id", "in", users.ids), ("start", "<=", at), ("stop", ">", at)]
        )
        return absences.user_id.with_env(self.env)
