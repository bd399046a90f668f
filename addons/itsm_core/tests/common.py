from odoo.tests import TransactionCase, new_test_user


class DeskCase(TransactionCase):
    """People, teams and helpers that the desk's tests share."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = new_test_user(
            cls.env, "desk.agent", groups="itsm_core.group_user", name="Ada Agent"
        )
        cls.manager = new_test_user(
            cls.env,
            "desk.manager",
            groups="itsm_core.group_manager",
            name="Max Manager",
        )
        cls.auditor = new_test_user(
            cls.env,
            "desk.auditor",
            groups="itsm_core.group_auditor",
            name="Ann Auditor",
        )
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {"name": "First Line", "user_ids": [(6, 0, cls.agent.ids)]}
        )
        cls.other_team = cls.env["helpdesk.ticket.team"].create(
            {"name": "Second Line", "user_ids": [(6, 0, cls.manager.ids)]}
        )
        cls.caller = cls.env["res.partner"].create(
            {"name": "Carla Caller", "email": "carla@example.com"}
        )
        cls.solved = cls.env.ref("itsm_core.resolution_solved")

    def _ticket_values(self, **values):
        return {
            "name": "Scanner does not start",
            "description": "<p>It stays dark.</p>",
            "team_id": self.team.id,
            "partner_id": self.caller.id,
            **values,
        }

    def _create_ticket(self, **values):
        return self.env["helpdesk.ticket"].create(self._ticket_values(**values))

    def _resolve(self, tickets):
        tickets._itsm_move(
            "resolved", resolution_code_id=self.solved.id, resolution="Cable replaced."
        )

    def _spans(self, ticket):
        return self.env["itsm.ticket.span"].search([("ticket_id", "=", ticket.id)])
