from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .helpdesk_ticket_stage import UNFINISHED_STATES

DEFAULT_INTERVAL = 60


class HelpdeskTicket(models.Model):
    """Major incidents: proposed, declared, kept severe, revoked."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    is_major = fields.Boolean(
        string="Major Incident", readonly=True, copy=False, tracking=True
    )
    major_declared_at = fields.Datetime(string="Declared", readonly=True, copy=False)
    major_declared_by_id = fields.Many2one(
        "res.users",
        string="Declared By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Empty where a rule declared it.",
    )
    major_rule_id = fields.Many2one(
        "itsm.major.rule", string="Declared By Rule", readonly=True, copy=False
    )
    major_reason = fields.Text(
        string="Why It Is Major",
        readonly=True,
        copy=False,
        groups="helpdesk_mgmt.group_helpdesk_user_own,itsm_core.group_auditor",
    )
    major_manager_id = fields.Many2one(
        "res.users",
        string="Major Incident Manager",
        domain=[("share", "=", False)],
        copy=False,
        tracking=True,
        ondelete="restrict",
        help="Leads the work, informs customers and management, and sees to the "
        "review.",
    )
    may_lead_major = fields.Boolean(compute="_compute_may_lead_major")
    major_candidate_id = fields.Many2one(
        "helpdesk.ticket",
        string="Major Incident of the Service",
        compute="_compute_major_candidate_id",
        help="An open major incident on the same service, to which this incident "
        "may belong.",
    )

    _major_index = models.Index("(itsm_state, service_id) WHERE is_major")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("service_id", "ticket_type", "itsm_state", "parent_id", "is_major")
    def _compute_major_candidate_id(self):
        lonely = self.filtered(
            lambda ticket: (
                ticket.ticket_type == "incident"
                and ticket.service_id
                and ticket.itsm_state in UNFINISHED_STATES
                and not ticket.is_major
                and not ticket.parent_id
            )
        )
        majors = self._get_open_majors(lonely.service_id)
        for ticket in self:
            ticket.major_candidate_id = ticket in lonely and majors.get(
                (ticket.company_id, ticket.service_id)
            )

    @api.depends_context("uid")
    @api.depends("is_major", "major_manager_id")
    def _compute_may_lead_major(self):
        for ticket in self:
            ticket.may_lead_major = ticket.is_major and ticket._may_lead()

    @api.model
    def _get_open_majors(self, services):
        """Return the open major incidents on services.

        :return: ``{(company, service): ticket}``, the latest where there are several
        """
        if not services:
            return {}
        majors = self.search(
            [
                ("is_major", "=", True),
                ("itsm_state", "in", UNFINISHED_STATES),
                ("service_id", "in", services.ids),
            ],
            order="major_declared_at, id",
        )
        return {(major.company_id, major.service_id): major for major in majors}

    # ------------------------------------------------------------------
    # Declaring
    # ------------------------------------------------------------------

    def _declare_major(
        self, manager, reason=None, interval=DEFAULT_INTERVAL, rule=None
    ):
        """Make open incidents major ones, and tell top management.

        :param manager: ``res.users`` who leads the work
        :param str reason: why it is major, in plain text
        :param int interval: minutes between two updates; 0 promises none
        :param rule: ``itsm.major.rule`` that declares; else the current user does
        :raise UserError: where a ticket is not an open incident, or is major already
        """
        for ticket in self:
            if (
                ticket.is_major
                or ticket.ticket_type != "incident"
                or ticket.itsm_state not in UNFINISHED_STATES
            ):
                raise UserError(
                    self.env._(
                        "%(ticket)s cannot be declared a major incident: only an "
                        "open incident can, and only once.",
                        ticket=ticket.display_name,
                    )
                )
        now = fields.Datetime.now()
        self._write_major(
            {
                "is_major": True,
                "major_declared_at": now,
                "major_declared_by_id": False if rule else self.env.uid,
                "major_rule_id": rule.id if rule else False,
                "major_reason": reason,
                "major_manager_id": manager.id,
                "major_update_interval": interval,
                "major_last_update": now,
            }
        )
        self._close_major_proposals(self.env._("Declared a major incident."))
        self._post_note(reason)
        self._remind_of_update()
        self.env["itsm.major.update"]._record(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": "declared",
                    "note": reason,
                    "to_management": True,
                }
                for ticket in self
            ]
        )

    def _revoke_major(self, reason):
        """Take the declaration back; what was announced is ended.

        The ticket keeps when and by whom it was declared, so that no rule declares
        it once more.

        :param str reason: in plain text, kept in the history
        :raise AccessError: unless the user is a process manager
        :raise UserError: without a reason
        """
        if not self.env.user.has_group("itsm_core.group_manager"):
            raise AccessError(
                self.env._("Only a process manager can revoke a major incident.")
            )
        if not (reason or "").strip():
            raise UserError(self.env._("Say why this is no longer a major incident."))
        majors = self.filtered("is_major")
        published = majors.announcement_ids.filtered(
            lambda item: item.state == "published"
        )
        majors.announcement_ids.filtered(lambda item: item.state == "draft").unlink()
        majors._write_major({"is_major": False})
        majors._post_note(self.env._("No longer a major incident: %s", reason))
        majors._drop_major_activities()
        published._set_state("ended")
        self.env["itsm.major.update"]._record(
            [
                {
                    "ticket_id": ticket.id,
                    "kind": "revoked",
                    "note": reason,
                    "to_management": True,
                    "announcement_ids": [
                        Command.set((ticket.announcement_ids & published).ids)
                    ],
                }
                for ticket in majors
            ]
        )

    def _propose_major(self, reason):
        """Ask the process managers to declare these incidents.

        :param str reason: why, in plain text
        """
        managers = self._get_major_deciders()
        self._post_note(self.env._("Proposed as a major incident: %s", reason))
        for company, tickets in self.grouped("company_id").items():
            for manager in managers[company]:
                tickets.activity_schedule(
                    "itsm_core.mail_activity_type_major_proposed",
                    user_id=manager.id,
                    note=reason,
                )

    def _get_major_deciders(self):
        """Return ``{company: users}`` who may declare in the tickets' companies."""
        managers = self.env.ref("itsm_core.group_manager").sudo().all_user_ids
        people = managers.filtered(lambda user: user.active and not user.share)
        result = {}
        for company in self.company_id:
            deciders = people.filtered(lambda u, c=company: c in u.company_ids)
            if not deciders:
                raise UserError(
                    self.env._(
                        "Nobody in %(company)s has the role Process Manager, who "
                        "could declare a major incident. Ask an administrator to "
                        "give it to someone.",
                        company=company.name,
                    )
                )
            result[company] = deciders.sudo(False)
        return result

    def _close_major_proposals(self, feedback):
        """Mark the open proposals on these tickets as answered."""
        # sudo: the proposal lies with every manager, whoever answers it.
        self.sudo().activity_feedback(
            ["itsm_core.mail_activity_type_major_proposed"], feedback=feedback
        )

    def action_attach_to_major(self):
        """Make incidents children of the open major incident on their service."""
        lost = self.filtered(lambda ticket: not ticket.major_candidate_id)
        if lost:
            raise UserError(
                self.env._(
                    "There is no open major incident to attach these to, or they "
                    "are attached already: %(tickets)s.",
                    tickets=", ".join(lost.mapped("number")),
                )
            )
        for major, tickets in self.grouped("major_candidate_id").items():
            tickets.write({"parent_id": major.id})

    def action_declare_major(self):
        """Open the dialogue that declares, or proposes, a major incident."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Major Incident"),
            "res_model": "itsm.major.declare.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def action_revoke_major(self):
        """Open the dialogue that asks why it is not major after all."""
        return self._open_dialogue(
            "itsm.major.revoke.wizard", self.env._("Revoke Major Incident")
        )
