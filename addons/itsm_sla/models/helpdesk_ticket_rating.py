import re
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.itsm_core.models.mail_thread import AUTOMATIC_KEY

RATE_LINK = re.compile(r"/rate/[0-9a-f]{32}/\d")
#: What Odoo says of records without a rating.
NEVER_RATED = -1
# An object that no client can send: who holds it is about to ask customers.
_ASKING = object()
_KEY_NAME = "itsm_asking_key"


class HelpdeskTicket(models.Model):
    """Asking customers, once a ticket is closed, how satisfied they are."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    # A new ticket has no ratings: both are known before it is stored, so that
    # neither costs a query.
    rating_last_value = fields.Float(precompute=True)
    positive_rate_percentage = fields.Integer(precompute=True)

    rating_status = fields.Selection(
        selection=[
            ("stage_change", "Asked once closed"),
            ("no_rate", "Not asked"),
        ],
    )

    @api.depends("rating_ids.rating")
    def _compute_percentage(self):
        """Count for all tickets at once; helpdesk_mgmt_rating asks for each."""
        new = self.filtered(lambda ticket: not ticket._origin)
        new.positive_rate_percentage = NEVER_RATED
        for ticket in self - new:
            ticket.positive_rate_percentage = round(
                ticket.rating_percentage_satisfaction
            )

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------

    def _send_ticket_rating_mail(self, force_send=False):
        """Send nothing yet: what counts is where the ticket is in the end.

        helpdesk_mgmt_rating asks at each write of the stage, one by one.
        """

    def _track_finalize(self):
        """Ask the customers of the tickets that this transaction closed."""
        tracked = self.env.cr.precommit.data.get(f"mail.tracking.{self._name}", {})
        before = {
            ticket_id: values["stage_id"].itsm_state
            for ticket_id, values in tracked.items()
            if values and "stage_id" in values
        }
        result = super()._track_finalize()
        if (
            before
            and not self._is_loading_history()
            and not self.env.context.get(AUTOMATIC_KEY)
        ):
            self._for_mail(before).filtered(
                lambda ticket: (
                    ticket.itsm_state == "closed" and before[ticket.id] != "closed"
                )
            )._ask_for_ratings()
        return result

    # ------------------------------------------------------------------
    # Whom
    # ------------------------------------------------------------------

    def _ask_for_ratings(self):
        """Mail the requesters of closed tickets the question, once for each ticket.

        A constant number of queries. Called in superuser mode.
        """
        asking = self.with_context(**{_KEY_NAME: _ASKING})
        wanted = asking._filter_to_ask()
        if not wanted:
            return
        self.env["rating.rating"].create(
            [ticket._prepare_rating_values() for ticket in wanted]
        )
        wanted.invalidate_recordset(["rating_ids"])
        for template, tickets in wanted.grouped(
            lambda ticket: ticket.stage_id.rating_mail_template_id
        ).items():
            tickets._queue_template(template.filtered("active"))

    def _filter_to_ask(self):
        """Return the tickets whose requester is asked now.

        Not where the stage has no mail for it, nobody can be mailed, somebody said
        that this ticket is not to be rated, the ticket was a duplicate, its requester
        worked on it, or was asked a short time ago.
        """
        duplicate = self.env.ref(
            "itsm_core.resolution_duplicate", raise_if_not_found=False
        )
        askable = self.filtered(
            lambda ticket: (
                ticket.active
                and not ticket.is_history
                and not ticket.anonymized_at
                and ticket.rating_status == "stage_change"
                and ticket.stage_id.rating_mail_template_id.active
                and ticket.partner_id.email
                and not ticket.rating_ids
                and not (duplicate and ticket.resolution_code_id == duplicate)
            )
        )
        if not askable:
            return askable
        workers = askable._get_workers()
        recent = askable._get_asked_lately()
        wanted = self.browse()
        for ticket in askable:
            person = (ticket.company_id.id, ticket.partner_id.id)
            if ticket.partner_id in workers[ticket].partner_id or person in recent:
                continue
            if ticket.company_id.itsm_rating_pause_days:
                recent.add(person)
            wanted |= ticket
        return wanted

    def _get_workers(self):
        """Return ``{ticket: users to whom it is or was assigned}``, in one query."""
        rows = (
            self.env["itsm.ticket.span"]
            .sudo()
            ._read_group(
                [("ticket_id", "in", self.ids), ("user_id", "!=", False)],
                ["ticket_id"],
                ["user_id:recordset"],
            )
        )
        found = {ticket.id: users for ticket, users in rows}
        nobody = self.env["res.users"].sudo()
        return {ticket: found.get(ticket.id, nobody) for ticket in self}

    def _get_asked_lately(self):
        """Return pairs of the ids of company and person who need not be asked yet."""
        asked = set()
        for company, tickets in self.grouped("company_id").items():
            days = company.itsm_rating_pause_days
            if not days:
                continue
            ratings = self.env["rating.rating"].search_fetch(
                [
                    ("res_model", "=", self._name),
                    ("partner_id", "in", tickets.partner_id.ids),
                    ("create_date", ">", fields.Datetime.now() - timedelta(days=days)),
                ],
                ["partner_id", "res_id"],
            )
            own = self.browse(ratings.mapped("res_id")).filtered(
                lambda ticket, company=company: ticket.company_id == company
            )
            asked.update(
                (company.id, rating.partner_id.id)
                for rating in ratings
                if rating.res_id in own._ids
            )
        return asked

    # ------------------------------------------------------------------
    # Secrets
    # ------------------------------------------------------------------

    def _prepare_rating_values(self):
        """Return the values of the question that is put to the requester."""
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id,
            "rated_partner_id": self._rating_get_operator().id,
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "is_internal": False,
        }

    def _rating_get_access_token(self, partner=None):
        """Return the token by which the requester rates, for the mail alone.

        Whoever may write mail templates could have it shown otherwise.
        """
        if self.env.context.get(_KEY_NAME) is not _ASKING:
            return ""
        return super()._rating_get_access_token(partner)

    def _without_secrets(self, body):
        return RATE_LINK.sub(f"/my/ticket/{self.id}", super()._without_secrets(body))
