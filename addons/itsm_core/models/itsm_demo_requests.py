from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL


class ItsmDemoRequests(models.AbstractModel):
    """Stores what the demo story tells of the request catalogue: it is of today."""

    _name = "itsm.demo.requests"
    _description = "Requests of the Demo Story"

    @api.model
    def _load(self):
        """Load who offers and approves what, and what was requested today."""
        # Here, so that nothing of the story is imported but to load it.
        from ..demo import requests as story

        demo = self.env["itsm.demo"]
        users = demo._find_keys("demo_user_", "res.users")
        people = demo._find_keys("demo_person_", "res.partner")
        self._offer(story, demo, users)
        for unit, manager in story.MANAGERS.items():
            partner = self.env.ref(f"itsm_core.demo_unit_{unit}")
            partner.itsm_manager_id = users[manager]
        approver = self.env["res.users"].browse(users["sinclair"])
        approver.group_ids = [
            Command.link(self.env.ref("itsm_core.group_request_approver").id)
        ]
        orders = self.env["itsm.catalog.order"]
        for told in story.REQUESTS:
            orders |= self._request(told, users, people, approver)
        self._mail_nobody(orders)

    @api.model
    def _offer(self, story, demo, users):
        teams = demo._find_keys("demo_team_", "helpdesk.ticket.team")
        services = demo._find_keys("demo_service_", "itsm.service")
        employees = self.env.ref("base.group_user")
        for key, (service, team, price, owner, inside) in story.ITEMS.items():
            self.env.ref(f"itsm_core.catalog_item_{key}").write(
                {
                    "company_id": self.env.ref("base.main_company").id,
                    "service_id": services.get(service),
                    "team_id": teams[team],
                    "price": price,
                    "owner_id": users[owner],
                    "group_ids": [Command.set(employees.ids if inside else [])],
                }
            )

    @api.model
    def _request(self, told, users, people, approver):
        """Let an agent write down a request, and let happen what became of it."""
        item, requester, person, typed, outcome, is_over = told
        requester, person = self.env["res.partner"].browse(
            [people[requester], people[person]]
        )
        agent = self.env["res.users"].browse(users["nair"])
        item = self.env.ref(f"itsm_core.catalog_item_{item}").with_user(agent)
        values, wrong = item._read_order_form(typed, requester)
        if wrong:
            raise ValueError(f"The demo story does not fit its forms: {wrong}")
        order = item._make_order(typed, values, requester, person)
        if outcome is None:
            return order
        if order.state == "waiting":
            decision = order.with_user(approver).sudo(False)
            if isinstance(outcome, str):
                reviews = decision._approval_turn()
                reviews._with_key().write({"comment": outcome})
                decision._rejected_tier(reviews)
                return order
            decision.validate_tier()
        worker = order.ticket_id.user_id or order.ticket_id.team_id.user_ids[:1]
        ticket = order.ticket_id.with_user(worker).sudo(False)
        ticket.action_take()
        for step in order.step_ids[:outcome]:
            step.with_user(worker).sudo(False).action_done()
        if is_over:
            ticket._itsm_move("resolved")
        return order

    @api.model
    def _mail_nobody(self, orders):
        """Take back what was about to be mailed: the people are made up."""
        # What is mailed when the transaction ends, too.
        self.env.cr.flush()
        for record in (orders, orders.ticket_id):
            messages = SQL(
                "SELECT id FROM mail_message WHERE model = %s AND res_id = ANY(%s)",
                record._name,
                record.ids,
            )
            for table in ("mail_mail", "mail_notification"):
                self.env.cr.execute(
                    SQL(
                        "DELETE FROM %s WHERE mail_message_id IN (%s)",
                        SQL.identifier(table),
                        messages,
                    )
                )
        self.env.invalidate_all()
