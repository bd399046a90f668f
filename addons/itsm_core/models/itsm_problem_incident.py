from odoo import api, fields, models


class ItsmProblem(models.Model):
    """Problems: the incidents that they cause."""

    _name = "itsm.problem"
    _inherit = ["itsm.problem"]

    incident_ids = fields.One2many(
        "helpdesk.ticket", "problem_id", string="Incidents", copy=False
    )
    incident_count = fields.Integer(
        string="Number of Incidents", compute="_compute_incident_count"
    )
    open_incident_count = fields.Integer(
        string="Open Incidents", compute="_compute_incident_count"
    )

    @api.depends("incident_ids.itsm_state")
    def _compute_incident_count(self):
        counts = self.env["helpdesk.ticket"]._count_by("problem_id", self._origin)
        for problem in self:
            problem.incident_count, problem.open_incident_count = counts[
                problem._origin
            ]

    def action_open_incidents(self):
        """Open the incidents that the problem causes."""
        self.ensure_one()
        return self.env["helpdesk.ticket"]._get_list_action(
            self.env._("Incidents of %s", self.reference),
            [("problem_id", "=", self.id)],
            default_problem_id=self.id,
            default_service_id=self.service_id.id,
        )

    def action_apply_to_ticket(self):
        """Apply the workaround to the incident that the client has opened."""
        self.ensure_one()
        self.check_access("read")
        ticket = self.env["helpdesk.ticket"].browse(
            int(self.env.context.get("itsm_ticket_id") or 0)
        )
        ticket.exists().ensure_one()
        ticket._apply_known_error(self)
        return True
