from markupsafe import Markup

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from odoo.addons.rating.models.rating_data import (
    RATING_HAPPY_VALUE,
    RATING_NEUTRAL_VALUE,
    RATING_UNHAPPY_VALUE,
)

MAX_FEEDBACK = 5000
ACTIVITY = "itsm_sla.activity_low_rating"


class HelpdeskTicket(models.Model):
    """What a customer's rating does."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    def _get_rates(self):
        """Return what can be said, from the best to the worst.

        :rtype: dict[int, str]
        """
        return {
            RATING_HAPPY_VALUE: self.env._("Satisfied"),
            RATING_NEUTRAL_VALUE: self.env._("It was all right"),
            RATING_UNHAPPY_VALUE: self.env._("Dissatisfied"),
        }

    def rating_apply(self, rate, token=None, rating=None, feedback=None, **_kwargs):
        """Take a customer's rating, from the page behind the link in the mail.

        :raise AccessError: for everybody who calls it by RPC
        """
        self.ensure_one()
        ratings = self.env["rating.rating"]
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "Customers rate a ticket by the link in their mail, or on the "
                    "portal."
                )
            )
        if token:
            rating = ratings.search([("access_token", "=", token)], limit=1)
        return self._take_rating(rating or ratings, rate, feedback, self.env.user)

    def _take_rating(self, rating, rate, feedback, visitor):
        """Keep what a customer says of this ticket. The first word counts.

        Called in superuser mode, by whoever has checked that the visitor may see the
        ticket or holds the token of the rating.

        :param rating: ``rating.rating`` by which the requester was asked
        :param int rate: one of ``_get_rates``
        :param str feedback: as typed, may be empty
        :param visitor: ``res.users``, who may be the public
        :return: the rating, unchanged where it had been given before
        :raise UserError: with what is wrong
        """
        self.ensure_one()
        # Pressed twice at the same moment, it is one rating.
        rating.lock_for_update()
        rating.invalidate_recordset()
        if rating.consumed:
            return rating
        self._check_may_rate(rating, visitor)
        if rate not in self._get_rates():
            raise UserError(self.env._("Choose how satisfied you are."))
        feedback = feedback if isinstance(feedback, str) else ""
        feedback = feedback.replace("\x00", "").strip()[:MAX_FEEDBACK]
        rating.write({"rating": rate, "feedback": feedback, "consumed": True})
        body = Markup("<p>%s</p>%s") % (
            self.env._("Rated: %(rate)s", rate=self._get_rates()[rate]),
            plaintext2html(feedback) if feedback else "",
        )
        # A note: what one customer says is not for the other followers. Not tied to
        # the rating, which would go when somebody deletes the message.
        self.message_post(
            author_id=rating.partner_id.id,
            body=body,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
        )
        if rating.rating_text in self.company_id._get_low_ratings():
            self._follow_up_low_rating(rating)
        return rating

    def _check_may_rate(self, rating, visitor):
        if (
            not rating
            or (rating.res_model, rating.res_id) != (self._name, self.id)
            or (not visitor._is_public() and visitor.partner_id != rating.partner_id)
            or rating.partner_id in self._get_workers()[self].partner_id
        ):
            raise AccessError(
                self.env._(
                    "Only the person who raised the ticket can rate it, and nobody "
                    "who worked on it."
                )
            )
        if self.itsm_state != "closed" or self.anonymized_at:
            raise UserError(
                self.env._(
                    "The ticket is not closed, so it cannot be rated yet. Tell us "
                    "there what is still missing."
                )
            )

    def _follow_up_low_rating(self, rating):
        """Have somebody talk to a customer who is not satisfied."""
        people = self._get_relationship_people()
        # Rather not whoever is meant by it, if there is anybody else.
        user = (people - self._get_workers()[self] or people)[:1]
        if user:
            self.activity_schedule(
                ACTIVITY,
                user_id=user.id,
                note=plaintext2html(rating.feedback) if rating.feedback else "",
                summary=self.env._(
                    "%(person)s is not satisfied: ask why",
                    person=rating.partner_id.name,
                ),
            )

    def _get_relationship_people(self):
        """Return who answers to this ticket's customer, nearest first.

        The relationship owner, the leader of the team, then whoever the company has
        named to hear customers.

        :return: ``res.users``, active, of the ticket's company
        """
        self.ensure_one()
        ticket = self.sudo()
        people = (
            ticket.customer_id.itsm_relationship_owner_id
            | ticket.team_id.user_id
            | ticket.company_id._get_customer_escalation_people()
        )
        return ticket._filter_answerable(people)

    def _filter_answerable(self, people):
        """Return those of `people` who work for the company of this ticket."""
        return people.filtered(
            lambda user: (
                user.active and not user.share and self.company_id in user.company_ids
            )
        )

    # ------------------------------------------------------------------
    # On the portal
    # ------------------------------------------------------------------

    def _get_portal_rating(self, visitor, token):
        """Return the requester's rating for the ticket's page, None for others.

        :param visitor: ``res.users``
        :param token: the ticket's token where the visitor came by it
        :rtype: dict: ``label`` and ``feedback`` where it was given, and ``rates`` to
            choose from where it was not
        """
        self.ensure_one()
        if not self.partner_id or self.itsm_state != "closed" or self.anonymized_at:
            return None
        is_requester = visitor.partner_id == self.partner_id
        if not is_requester and not (visitor._is_public() and token):
            return None
        rating = self._get_rating_of_requester()
        if rating.consumed:
            label = self._get_rates().get(int(rating.rating))
            return {"label": label, "feedback": rating.feedback, "rates": {}}
        if self.partner_id in self._get_workers()[self].partner_id:
            return None
        return {"label": None, "feedback": None, "rates": self._get_rates()}

    def _get_rating_of_requester(self):
        """Return the rating that the requester gave, or was asked for."""
        # sudo: customers have no access to ratings; the page shows them their own.
        ratings = self.sudo().rating_ids.filtered(
            lambda rating: rating.partner_id == self.partner_id
        )
        return ratings.sorted(lambda rating: (not rating.consumed, rating.id))[:1]

    def _portal_rate(self, rate, feedback, visitor):
        """Take the rating from the ticket's page, which the visitor may see.

        :param visitor: ``res.users``, the public for who came by the ticket's link
        :raise UserError: with what is wrong
        """
        self.ensure_one()
        self.lock_for_update()
        rating = self._get_rating_of_requester()
        if not rating:
            rating = self.env["rating.rating"].create(self._prepare_rating_values())
            self.invalidate_recordset(["rating_ids"])
        return self._take_rating(rating, rate, feedback, visitor)

    # ------------------------------------------------------------------
    # No other way to rate
    # ------------------------------------------------------------------

    def message_post(self, **kwargs):
        # By these, Odoo lets everybody who may write a message rate, and say again.
        kwargs.pop("rating_value", None)
        kwargs.pop("rating_id", None)
        return super().message_post(**kwargs)
