import re

from .common import SlaCase


class RatingCase(SlaCase):
    """Tickets that are closed, and what their requesters are asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.itsm_rating_pause_days = 0
        cls.env["helpdesk.ticket.stage"].search(
            [("itsm_state", "=", "closed")]
        ).rating_mail_template_id = cls.env.ref("itsm_sla.mail_template_rating")

    def _commit(self):
        """Do what is done before a commit."""
        self.env.flush_all()
        self.env.cr.flush()

    def _open(self, **values):
        ticket = self._create_ticket(user_id=self.agent.id, **values)
        self._commit()
        return ticket

    def _close(self, tickets):
        self._resolve(tickets)
        self._commit()
        tickets._itsm_move("closed")
        self._commit()

    def _closed(self, **values):
        ticket = self._open(**values)
        self._close(ticket)
        return ticket

    def _ratings(self, tickets):
        return self.env["rating.rating"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "in", tickets.ids)]
        )

    def _questions(self, tickets):
        """Return the mails that ask, which hold the links to rate."""
        mails = self.env["mail.mail"].search(
            [("model", "=", "helpdesk.ticket"), ("res_id", "in", tickets.ids)]
        )
        return mails.filtered(lambda mail: re.search(r"/rate/\w{32}/", mail.body_html))

    def _rate(self, ticket, rate, feedback=""):
        """Rate as the holder of the link in the mail."""
        public = self.env.ref("base.public_user")
        rating = self._ratings(ticket)
        return (
            ticket.with_user(public)
            .sudo()
            .rating_apply(
                rate, rating=rating.with_user(public).sudo(), feedback=feedback
            )
        )

    def _activities(self, ticket):
        return ticket.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id
                == self.env.ref("itsm_sla.activity_low_rating")
            )
        )
