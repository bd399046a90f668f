from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, plaintext2html

from odoo.addons.itsm_core.tools.working_days import working_day_after

from .helpdesk_ticket_complaint import READERS

MAX_REASON = 5000
ACTIVITY = "itsm_sla.activity_customer_escalation"


class ItsmCustomerEscalation(models.Model):
    """That a customer asked for somebody higher up: who, when, why, and whom.

    Facts: nobody has a right to create, change or delete them; the server writes them
    when the customer asks on the portal.
    """

    _name = "itsm.customer.escalation"
    _description = "Escalation by the Customer"
    _order = "id desc"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="ticket_id.company_id", store=True, index=True)
    customer_id = fields.Many2one(related="ticket_id.customer_id")
    partner_id = fields.Many2one(
        "res.partner", string="Asked By", ondelete="restrict", index="btree_not_null"
    )
    date = fields.Datetime(string="Asked On", required=True)
    level = fields.Integer(required=True)
    reason = fields.Text(required=True)
    user_id = fields.Many2one(
        "res.users", string="Escalated To", required=True, ondelete="restrict"
    )
    deadline = fields.Date(string="Answer Until")

    _level_uniq = models.UniqueIndex(
        "(ticket_id, level)", "The ticket has been escalated to this level already."
    )


class HelpdeskTicket(models.Model):
    """Escalation of complaints that the customer can ask for."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    customer_escalation_ids = fields.One2many(
        "itsm.customer.escalation",
        "ticket_id",
        string="Escalated by Customer",
        groups=READERS,
    )
    customer_escalation_level = fields.Integer(
        string="Customer's Level",
        compute="_compute_customer_escalation_level",
        search="_search_customer_escalation_level",
        groups=READERS,
        help="To which level the customer has escalated the complaint.",
    )

    @api.depends("customer_escalation_ids.level")
    def _compute_customer_escalation_level(self):
        for ticket in self:
            levels = ticket.customer_escalation_ids.mapped("level")
            ticket.customer_escalation_level = max(levels, default=0)

    def _search_customer_escalation_level(self, operator, value):
        if operator not in (">", ">="):
            return NotImplemented
        found = Domain("customer_escalation_ids", "any", [("level", operator, value)])
        # Who never escalated is on level 0, without a row that says so.
        return Domain.TRUE if value < 0 or (operator, value) == (">=", 0) else found

    # ------------------------------------------------------------------
    # To whom
    # ------------------------------------------------------------------

    def _get_next_escalation_person(self):
        """Return the person to whom the customer can escalate now, or nobody.

        The relationship owner, then the two whom the company has named. Never whom
        the complaint is about, and nobody twice.

        :return: ``res.users``
        """
        self.ensure_one()
        ticket = self.sudo()
        if ticket.ticket_type != "complaint" or ticket.itsm_state not in (
            "new",
            "open",
            "pending",
            "resolved",
        ):
            return self.env["res.users"]
        people = ticket._filter_answerable(
            ticket.customer_id.itsm_relationship_owner_id
            | ticket.company_id._get_customer_escalation_people()
        )
        return (
            people
            - ticket._get_complained_users()[ticket]
            - ticket.customer_escalation_ids.user_id
        )[:1]

    # ------------------------------------------------------------------
    # On the portal
    # ------------------------------------------------------------------

    def _portal_escalate(self, reason, partner):
        """Take a complaint to the next level, as its customer asks.

        Called in superuser mode, by whoever has found that the visitor may see the
        ticket.

        :param str reason: as typed
        :param partner: ``res.partner`` who asks
        :raise UserError: with what is wrong
        """
        self.ensure_one()
        # Pressed twice at the same moment, it is one level.
        self.lock_for_update()
        self.invalidate_recordset()
        user = self._get_next_escalation_person()
        if not user:
            raise UserError(
                self.env._(
                    "This cannot be escalated any further. Write to us below if there "
                    "is something to add."
                )
            )
        if not reason or len(reason) > MAX_REASON:
            raise UserError(
                self.env._(
                    "Tell us in up to %(count)s characters why somebody else should "
                    "look at it.",
                    count=MAX_REASON,
                )
            )
        company = self.company_id
        today = company._get_desk_date(fields.Datetime.now())
        days = company.itsm_escalation_days
        deadline = (
            working_day_after(today, days, company._get_working_day_test())
            if days
            else today
        )
        escalation = self.env["itsm.customer.escalation"].create(
            {
                "ticket_id": self.id,
                "partner_id": partner.id,
                "date": fields.Datetime.now(),
                "level": len(self.customer_escalation_ids) + 1,
                "reason": reason,
                "user_id": user.id,
                "deadline": deadline or today,
            }
        )
        self.activity_schedule(
            ACTIVITY,
            date_deadline=escalation.deadline,
            user_id=user.id,
            note=plaintext2html(reason),
            summary=self.env._("%(person)s asks for you", person=partner.name),
        )
        # A note: the reason is meant for those who look into it.
        self.message_post(
            author_id=partner.id,
            body=plaintext2html(
                self.env._(
                    "Escalated by the customer to level %(level)s, %(user)s:\n"
                    "%(reason)s",
                    level=escalation.level,
                    user=user.name,
                    reason=reason,
                )
            ),
            message_type="notification",
            partner_ids=user.partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )

    def _get_portal_escalation(self):
        """Return what the page says of the escalation of this complaint.

        :rtype: dict: ``last``, the newest escalation or none; ``possible``, whether
            the customer can ask for the next level
        """
        self.ensure_one()
        ticket = self.sudo()
        is_open = ticket.itsm_state in ("new", "open", "pending", "resolved")
        return {
            "last": is_open and ticket.customer_escalation_ids.sorted("level")[-1:],
            "possible": bool(ticket._get_next_escalation_person()),
        }


class ItsmAnonymizer(models.AbstractModel):
    """The part that removes who escalated, and why. That it was, stays."""

    _name = "itsm.anonymizer"
    _inherit = ["itsm.anonymizer"]

    def _anonymize_elsewhere(self, ids):
        result = super()._anonymize_elsewhere(ids)
        self.env.cr.execute(
            SQL(
                "UPDATE itsm_customer_escalation SET partner_id = NULL, reason = %s"
                " WHERE ticket_id = ANY(%s)",
                self.env._("Removed to protect personal data"),
                ids,
            )
        )
        return result
