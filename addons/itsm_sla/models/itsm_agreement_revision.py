from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ItsmAgreement(models.Model):
    """Changing what was agreed: a new revision takes over from the old one."""

    _name = "itsm.agreement"
    _inherit = ["itsm.agreement"]

    previous_id = fields.Many2one(
        "itsm.agreement",
        string="Revision Of",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
    )
    next_ids = fields.One2many("itsm.agreement", "previous_id", string="Next Revision")
    revision = fields.Integer(default=1, readonly=True, copy=False)
    revision_count = fields.Integer(compute="_compute_revision_count")

    _one_draft_of_a_revision = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "This agreement has been revised already. Open its next revision.",
    )

    @api.depends("previous_id", "next_ids")
    def _compute_revision_count(self):
        for agreement in self:
            agreement.revision_count = len(agreement._get_revisions())

    @api.constrains("previous_id", "kind", "company_id", "partner_id", "team_id")
    def _check_previous(self):
        """Keep a revision from ending what was agreed with somebody else."""
        if self._has_cycle("previous_id"):
            raise ValidationError(
                self.env._("An agreement cannot be a revision of itself.")
            )
        for agreement in self:
            # sudo: whose it was matters, whether the user may see it or not.
            previous = agreement.previous_id.sudo()
            if previous and agreement._get_party_domain() != (
                previous._get_party_domain()
            ):
                raise ValidationError(
                    self.env._(
                        "%(revision)s takes the place of %(previous)s, so it is made "
                        "with the same party. For another one, make a new agreement.",
                        revision=agreement.display_name,
                        previous=previous.display_name,
                    )
                )

    def _get_revisions(self):
        """Return all revisions of this agreement, the oldest first."""
        self.ensure_one()
        first = self
        while first.previous_id:
            first = first.previous_id
        revisions = first
        while revisions[-1].next_ids:
            revisions += revisions[-1].next_ids[0]
        return revisions

    def action_revise(self):
        """Draft the next revision of an agreement in force, and open it.

        :raise UserError: unless it is active and has no next revision yet
        """
        self.ensure_one()
        if self.state != "active":
            raise UserError(
                self.env._(
                    "Only an active agreement is revised. A draft can simply be "
                    "changed; in place of one that has ended, make a new one."
                )
            )
        revision = self.next_ids[:1]
        if not revision:
            number = self.revision + 1
            revision = self.copy(
                {
                    "name": self.name,
                    "reference": f"{self._get_revisions()[0].reference}/{number}",
                    "previous_id": self.id,
                    "revision": number,
                    "date_start": False,
                }
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": revision.id,
            "view_mode": "form",
        }

    def action_open_revisions(self):
        """Show the revisions of this agreement."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revisions"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", self._get_revisions().ids)],
        }

    def _set_state(self, target, **values):
        if target == "active":
            for agreement in self:
                agreement._take_over_from_previous()
        return super()._set_state(target, **values)

    def _take_over_from_previous(self):
        """End the previous revision on the day before this one starts.

        :raise UserError: where this revision would start before the previous one
        """
        previous, start = self.previous_id, self.date_start
        if not previous or not start or self.state != "negotiation":
            return
        if start <= previous.date_start:
            raise UserError(
                self.env._(
                    "%(revision)s has to start after %(previous)s did, on "
                    "%(start)s. Choose a later date.",
                    revision=self.display_name,
                    previous=previous.display_name,
                    start=previous.date_start,
                )
            )
        eve = fields.Date.subtract(start, days=1)
        if previous.state == "active" and (
            not previous.date_end or previous.date_end > eve
        ):
            previous.date_end = eve
            if eve < fields.Date.context_today(self):
                previous._set_state("expired")
