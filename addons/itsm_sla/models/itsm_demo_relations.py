from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.itsm_core.tools.working_days import working_day_after

#: What some say; the others only choose.
COMMENTS = {
    5: ("Quick and friendly, thank you.", "Solved while I was on the phone."),
    3: ("It works, but it took a while.", "I had to ask twice."),
    1: ("Nobody told me how long it would take.", "Waited for days without a word."),
}


class ItsmDemoRelations(models.AbstractModel):
    """What the customers of the demo story think, and that one of them complains.

    Called by the demo data and by nothing else. Nobody is mailed.
    """

    _name = "itsm.demo.relations"
    _description = "Customers' Voices in the Demo Story"

    @api.model
    def _load(self):
        """Load ratings of the last year, and the escalation of a complaint."""
        self._load_ratings()
        self._load_escalation()

    @api.model
    def _load_ratings(self):
        """Have all requesters asked, and every third answer: the same each time."""
        tickets = self.env["helpdesk.ticket"].search(
            [
                ("itsm_state", "=", "closed"),
                ("history_source", "!=", False),
                ("partner_id.email", "!=", False),
            ],
            order="closed_date, id",
        )
        missed = self.env["itsm.sla.clock"].search(
            [("ticket_id", "in", tickets.ids), ("missed_at", "!=", False)]
        )
        ratings = self.env["rating.rating"].create(
            [ticket._prepare_rating_values() for ticket in tickets]
        )
        now = fields.Datetime.now()
        dates = []
        for number, (ticket, rating) in enumerate(zip(tickets, ratings, strict=True)):
            asked = ticket.closed_date
            answered = min(asked + timedelta(hours=2 + number % 30), now)
            dates.append((rating.id, asked, answered))
            if number % 3:
                continue
            rate = 5
            if ticket.ticket_type == "complaint":
                rate = 1
            elif ticket in missed.ticket_id:
                rate = (5, 3, 5, 1)[number // 3 % 4]
            elif number % 8 == 0:
                rate = 3
            comments = (*COMMENTS[rate], False, False)
            rating.write(
                {
                    "rating": rate,
                    "feedback": comments[number // 3 % len(comments)],
                    "consumed": True,
                }
            )
        self.env.flush_all()
        for rating_id, asked, answered in dates:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE rating_rating
                       SET create_date = %s, write_date = %s,
                           rated_on = CASE WHEN consumed THEN %s END
                     WHERE id = %s
                    """,
                    asked,
                    answered,
                    answered,
                    rating_id,
                )
            )
        ratings.invalidate_recordset()

    @api.model
    def _load_escalation(self):
        """Have the requester of the open complaint ask for somebody higher up."""
        complaint = self.env["helpdesk.ticket"].search(
            [
                ("ticket_type", "=", "complaint"),
                ("itsm_state", "in", ("new", "open", "pending")),
                ("history_source", "!=", False),
            ],
            order="opened_at desc",
            limit=1,
        )
        user = complaint and complaint._get_next_escalation_person()
        if not user:
            return
        # The customer has told about which ticket it is.
        earlier = self.env["helpdesk.ticket"].search(
            [
                ("partner_id", "=", complaint.partner_id.id),
                ("ticket_type", "!=", "complaint"),
                ("opened_at", "<", complaint.opened_at),
            ],
            order="opened_at desc",
        )
        workers = earlier._get_workers()
        complaint.complaint_ticket_id = earlier.filtered(
            lambda ticket: complaint.user_id not in workers[ticket]
        )[:1]
        company = complaint.company_id
        now = fields.Datetime.now()
        asked = max(now - timedelta(hours=20), complaint.opened_at)
        reason = (
            "I was promised a call before the end of the week and heard nothing. "
            "Please have somebody look at how toners are ordered."
        )
        escalation = self.env["itsm.customer.escalation"].create(
            {
                "ticket_id": complaint.id,
                "partner_id": complaint.partner_id.id,
                "date": asked,
                "level": 1,
                "reason": reason,
                "user_id": user.id,
                "deadline": working_day_after(
                    company._get_desk_date(now), 1, company._get_working_day_test()
                ),
            }
        )
        # Nobody is told of activities that the story has given them.
        complaint.with_context(mail_activity_quick_update=True).activity_schedule(
            "itsm_sla.activity_customer_escalation",
            date_deadline=escalation.deadline,
            user_id=user.id,
        )
