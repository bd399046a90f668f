from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.itsm_core.models.helpdesk_ticket_lock import CONTENT_FIELDS
from odoo.addons.itsm_core.models.helpdesk_ticket_stage import (
    DONE_STATES,
    FINAL_STATES,
)

READERS = "helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor"
#: What it is about, which decides who must keep away from it.
SUBJECT_FIELDS = frozenset({"complaint_ticket_id", "complaint_user_ids", "ticket_type"})
#: What the person complained about does not change.
GUARDED_FIELDS = frozenset(
    {*CONTENT_FIELDS, *SUBJECT_FIELDS, "active", "duplicate_id", "stage_id"}
)
ACTIVITY = "itsm_sla.activity_complaint"
# An object that no client can send: who holds it stamps who closed a complaint.
_STAMPING = object()
_KEY_NAME = "itsm_complaint_key"


class HelpdeskTicket(models.Model):
    """Complaints: about what and whom, and who must not decide on them."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    complaint_ticket_id = fields.Many2one(
        "helpdesk.ticket",
        string="Complaint About",
        domain=[("ticket_type", "!=", "complaint")],
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
        groups=READERS,
    )
    complaint_user_ids = fields.Many2many(
        "res.users",
        "itsm_complaint_user_rel",
        "ticket_id",
        "user_id",
        string="People Complained About",
        domain=[("share", "=", False)],
        tracking=True,
        copy=False,
        groups=READERS,
        help="Named by the customer, beside those who had the ticket complained about.",
    )
    complained_user_ids = fields.Many2many(
        "res.users",
        string="Must Not Decide",
        compute="_compute_complained_user_ids",
        groups=READERS,
        help="The people complained about, and those who have or had the ticket that "
        "the complaint is about. None of them gets the complaint, resolves or closes "
        "it.",
    )
    complaint_closed_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        groups=READERS,
    )

    # ------------------------------------------------------------------
    # Whom it is about
    # ------------------------------------------------------------------

    @api.depends("complaint_ticket_id", "complaint_user_ids", "ticket_type")
    def _compute_complained_user_ids(self):
        about = self._get_complained_users()
        for ticket in self:
            ticket.complained_user_ids = about[ticket]

    def _get_complained_users(self):
        """Return ``{ticket: users}`` whom complaints are about, empty for others.

        Asked anew each time: it follows from the recorded spans of the ticket
        complained about. Two queries, however many tickets.
        """
        # sudo: who had a ticket decides, also one that the user may not read.
        complaints = self.sudo().filtered(lambda t: t.ticket_type == "complaint")
        nobody = self.env["res.users"].sudo()
        if not complaints:
            return dict.fromkeys(self, nobody)
        tickets = complaints.complaint_ticket_id
        workers = {
            ticket.id: users for ticket, users in tickets._origin._get_workers().items()
        }
        about = {
            ticket.id: ticket.complaint_user_ids._origin
            | workers.get(ticket.complaint_ticket_id._origin.id, nobody)
            for ticket in complaints
        }
        return {ticket: about.get(ticket.id, nobody) for ticket in self}

    @api.constrains("user_id", *SUBJECT_FIELDS)
    def _check_assignee_is_neutral(self):
        if self._is_loading_history():
            return
        about = self._get_complained_users()
        for ticket in self:
            if ticket.user_id in about[ticket] and ticket.itsm_state not in (
                FINAL_STATES
            ):
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is a complaint about %(user)s or their work. "
                        "Assign somebody else.",
                        ticket=ticket.display_name,
                        user=ticket.sudo().user_id.name,
                    )
                )

    @api.constrains("complaint_ticket_id")
    def _check_complaint_ticket(self):
        for ticket in self.sudo():
            if ticket.complaint_ticket_id == ticket:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s cannot be a complaint about itself. Choose the "
                        "ticket that it is about, or none.",
                        ticket=ticket.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Its end
    # ------------------------------------------------------------------

    @api.constrains("stage_id", "ticket_type", "resolution_code_id", "resolution")
    def _check_complaint_outcome(self):
        # What was loaded from elsewhere is as it is.
        if self._is_loading_history():
            return
        for ticket in self:
            if (
                ticket.ticket_type == "complaint"
                and ticket.itsm_state in ("resolved", "closed")
                and not (
                    ticket.resolution_code_id and (ticket.resolution or "").strip()
                )
            ):
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is a complaint: give it a resolution code, and "
                        "the answer that the customer gets, before you resolve or "
                        "close it.",
                        ticket=ticket.display_name,
                    )
                )

    def _check_not_about_oneself(self):
        """Refuse to work on complaints about oneself.

        :raise UserError: naming them
        """
        complaints = self.filtered(lambda ticket: ticket.ticket_type == "complaint")
        if not complaints:
            return
        about = complaints._get_complained_users()
        own = complaints.filtered(lambda ticket: self.env.user in about[ticket])
        if own:
            raise UserError(
                self.env._(
                    "%(tickets)s: the complaint is about you or your work. Somebody "
                    "else decides on it; what you have to say, write in a note.",
                    tickets=", ".join(own[:10].mapped("number")),
                )
            )

    def _stamp_complaint_end(self):
        """Keep who closed complaints, and forget it where they came back."""
        for ticket in self.sudo().filtered(lambda t: t.ticket_type == "complaint"):
            closed = ticket.itsm_state == "closed"
            if closed != bool(ticket.complaint_closed_by_id):
                ticket.with_context(**{_KEY_NAME: _STAMPING}).write(
                    {"complaint_closed_by_id": closed and self.env.uid}
                )

    # ------------------------------------------------------------------
    # Hooks
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [
            self._with_complaint_team({**vals, "complaint_closed_by_id": False})
            for vals in vals_list
        ]
        tickets = super().create(vals_list)
        complaints = tickets.filtered(lambda t: t.ticket_type == "complaint")
        if complaints and not self._is_loading_history():
            if not self.env.su:
                done = complaints.filtered(lambda t: t.itsm_state in DONE_STATES)
                done._check_not_about_oneself()
            complaints._stamp_complaint_end()
            complaints._announce_complaints()
        return tickets

    def write(self, vals):
        if (
            "complaint_closed_by_id" in vals
            and self.env.context.get(_KEY_NAME) is not _STAMPING
        ):
            raise UserError(
                self.env._(
                    "Who closed a complaint follows from who does, and cannot be set."
                )
            )
        loading = self._is_loading_history()
        if not self.env.su and not loading and not GUARDED_FIELDS.isdisjoint(vals):
            self._check_not_about_oneself()
        before = self.browse()
        if vals.get("ticket_type") == "complaint":
            before = self.filtered(lambda ticket: ticket.ticket_type != "complaint")
        result = super().write(vals)
        if "stage_id" in vals and not loading:
            self._stamp_complaint_end()
        if before and not loading:
            before._announce_complaints()
        return result

    @api.model
    def _with_complaint_team(self, vals):
        """Return the values with the team for complaints, where none is given."""
        if vals.get("ticket_type") != "complaint" or vals.get("team_id"):
            return vals
        company = self.env["res.company"].browse(vals.get("company_id") or [])
        # sudo: customers choose no team and read no settings.
        team = (company or self.env.company).sudo().itsm_complaint_team_id
        return {**vals, "team_id": team.id} if team else vals

    @api.model
    def _with_assignees(self, vals_list):
        """Leave complaints unassigned where the rule picks whom they are about."""
        given = [vals.get("user_id") for vals in vals_list]
        vals_list = super()._with_assignees(vals_list)
        for vals, own in zip(vals_list, given, strict=True):
            if own or not vals.get("user_id") or vals.get("ticket_type") != "complaint":
                continue
            names = ("complaint_ticket_id", "complaint_user_ids", "ticket_type")
            values = {name: vals[name] for name in names if name in vals}
            draft = self.sudo().new(values)
            if vals["user_id"] in draft._get_complained_users()[draft].ids:
                vals["user_id"] = False
        return vals_list

    def _prepare_follow_up_values(self, sender, email):
        values = super()._prepare_follow_up_values(sender, email)
        ticket = self.sudo()
        return {
            **values,
            "complaint_ticket_id": ticket.complaint_ticket_id.id,
            "complaint_user_ids": [fields.Command.set(ticket.complaint_user_ids.ids)],
        }

    def _announce_complaints(self):
        """Have the relationship owner hear of complaints, or who comes next."""
        # sudo: who is told of a complaint does not depend on who took it down.
        about = self._get_complained_users()
        by_user = {}
        for ticket in self.sudo():
            user = (ticket._get_relationship_people() - about[ticket.sudo(False)])[:1]
            if user and ticket.itsm_state not in FINAL_STATES:
                by_user.setdefault(user, self.sudo().browse())
                by_user[user] |= ticket
        for user, tickets in by_user.items():
            tickets.activity_schedule(ACTIVITY, user_id=user.id)
