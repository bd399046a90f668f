from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ItsmAcceptanceMixin(models.AbstractModel):
    """What one named person accepts, or refuses with a reason.

    The adopter has a workflow with the state ``acceptance`` and ``_take_turns()``,
    says in ``_acceptance_back`` where what is refused goes, and records the facts.
    """

    _name = "itsm.acceptance.mixin"
    _description = "Acceptance by a Named Person"

    #: The state to which a refusal leads.
    _acceptance_back = None

    acceptor_id = fields.Many2one(
        "res.users",
        string="To Be Accepted By",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("itsm_core.group_user").ids)
        ],
        check_company=True,
        index="btree_not_null",
        copy=False,
        tracking=True,
    )
    accepted_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
    )
    accepted_date = fields.Datetime(
        string="Accepted On", readonly=True, copy=False, tracking=True
    )
    acceptance_note = fields.Text(
        string="Words of Acceptance", copy=False, tracking=True
    )
    is_my_acceptance = fields.Boolean(compute="_compute_is_my_acceptance")

    @api.depends_context("uid")
    @api.depends("state", "acceptor_id", "accepted_date")
    def _compute_is_my_acceptance(self):
        for record in self:
            record.is_my_acceptance = (
                record.state == "acceptance"
                and not record.accepted_date
                and record.acceptor_id == self.env.user
            )

    @api.constrains("acceptor_id")
    def _check_acceptor_may_see(self):
        for record in self:
            # sudo: what somebody may do does not depend on who asks.
            acceptor = record.acceptor_id.sudo()
            if acceptor and not (
                acceptor.active and acceptor.has_group("itsm_core.group_user")
            ):
                raise ValidationError(
                    self.env._(
                        "%(person)s could not open %(record)s, and so not accept it: "
                        "the role of an agent is missing. Name somebody else, or have "
                        "the role given first.",
                        person=acceptor.name,
                        record=record.display_name,
                    )
                )

    def _check_my_acceptance(self):
        """Raise a ``UserError`` unless the records wait for the current user."""
        self.check_access("read")
        self._take_turns()
        for record in self:
            if record.state != "acceptance" or record.accepted_date:
                raise UserError(
                    self.env._(
                        "%s does not wait for its acceptance.", record.display_name
                    )
                )
            if record.acceptor_id != self.env.user:
                raise UserError(
                    self.env._(
                        "%(record)s is to be accepted by %(person)s and nobody else.",
                        record=record.display_name,
                        person=record.acceptor_id.name or self.env._("a named person"),
                    )
                )

    def action_refuse_acceptance(self):
        """Ask the person named for it for the reason.

        :raise UserError: unless the current user is named for it
        """
        self.ensure_one()
        self._check_my_acceptance()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse the Acceptance"),
            "res_model": "itsm.acceptance.refusal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_record_ref": f"{self._name},{self.id}"},
        }

    def _refuse_acceptance(self, reason):
        """Refuse the acceptance by name: the work goes on, and the owner is told why.

        :param str reason: what is missing
        :raise UserError: unless the current user is named for it and says why
        """
        self._check_my_acceptance()
        if not (reason or "").strip():
            raise UserError(
                self.env._("Say what is missing, so that it can be mended.")
            )
        # sudo: who is named may refuse, and need not be able to write anything else.
        for record in self.sudo():
            record._set_state(self._acceptance_back)
            record._keep_refusal(reason.strip())
            record.message_post(
                body=self.env._(
                    "%(person)s refused the acceptance: %(reason)s",
                    person=self.env.user.name,
                    reason=reason.strip(),
                ),
                partner_ids=record.owner_id.partner_id.ids,
            )
        return True

    def _keep_refusal(self, reason):
        """Write down on the record what is missing."""
        self.acceptance_note = reason
