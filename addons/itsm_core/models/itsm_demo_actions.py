from odoo import api, fields, models
from odoo.tools import file_path, plaintext2html


class ItsmDemoActions(models.AbstractModel):
    """Stores the improvement actions of the demo story."""

    _name = "itsm.demo.actions"
    _description = "Actions of the Demo Story"

    @api.model
    def _load(self):
        """Load actions with true dates, in the states they have reached."""
        from ..demo.actions import read_actions
        from ..demo.clock import StoryClock

        clock = StoryClock(fields.Datetime.now())
        # Nobody is told of activities that the story has given them.
        demo = self.env["itsm.demo"].with_context(
            mail_activity_quick_update=True, mail_auto_subscribe_no_notify=True
        )
        users = demo._find_keys("demo_user_", "res.users")
        services = demo._find_keys("demo_service_", "itsm.service")
        tickets = {
            ticket.history_number: ticket
            for ticket in self.env["helpdesk.ticket"].search(
                [("is_major", "=", True), ("history_number", "!=", False)]
            )
        }
        openings = {key: ticket.opened_at for key, ticket in tickets.items()}
        for told in read_actions(file_path("itsm_core/demo"), clock, openings):
            kind, key = told["source"]
            source = {"ticket": tickets, "service": services}[kind][key]
            action = demo.env["itsm.action"].create(
                {
                    "name": told["name"],
                    "action_type": told["type"],
                    "priority": told["priority"],
                    "owner_id": users[told["owner"]],
                    "due_date": told["due"],
                    "description": plaintext2html(told["description"]),
                    "baseline": told["baseline"],
                    "expected_effect": told["expected"],
                    "measured_effect": told["measured"],
                    "res_model": (
                        "helpdesk.ticket" if kind == "ticket" else "itsm.service"
                    ),
                    "res_id": source.id if kind == "ticket" else source,
                }
            )
            if told["state"] != "proposed":
                action._load_state(
                    told["state"],
                    agreed_date=told["raised"],
                    done_date=told["done"],
                    verified_date=told["verified"],
                )
