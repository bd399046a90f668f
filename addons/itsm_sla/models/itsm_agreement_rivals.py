from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .itsm_agreement import BINDING_STATES


class ItsmAgreement(models.Model):
    """Two agreements on the same, with the same party, at the same time: refused."""

    _name = "itsm.agreement"
    _inherit = ["itsm.agreement"]

    def _check_no_overlap(self):
        """Refuse two agreements about the same at the same time.

        :raise UserError: naming the other one, and what to do
        """
        self._lock_rivals()
        for agreement in self:
            for other in agreement._find_rivals(along=self):
                raise UserError(
                    self.env._(
                        "%(other)s covers the same from %(start)s to %(end)s already. "
                        "End it before %(agreement)s starts, or revise it instead.",
                        other=other.display_name,
                        start=other.date_start,
                        end=other.date_end or self.env._("further notice"),
                        agreement=agreement.display_name,
                    )
                )

    def _get_party_domain(self):
        """Return a domain of the agreements of this kind with the same party."""
        self.ensure_one()
        return [
            ("kind", "=", self.kind),
            ("company_id", "=", self.company_id.id),
            ("partner_id", "=", self.partner_id.id),
            ("team_id", "=", self.team_id.id),
        ]

    def _lock_rivals(self):
        """Have who activates another one at this moment wait, and look again.

        Whoever waited is turned back by the database where one was changed, and
        the whole request is repeated.
        """
        found = self.sudo().browse()
        for agreement in self:
            # sudo: as in _find_rivals.
            found |= found.with_context(active_test=False).search(
                agreement._get_party_domain()
            )
        self.env.execute_query(
            SQL(
                "SELECT id FROM itsm_agreement WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                found.ids,
            )
        )

    def _find_rivals(self, along):
        """Return binding agreements on the same at the same time as this one.

        Archived ones bind all the same.

        :param along: agreements that become binding at the same time
        """
        domain = [
            ("id", "!=", self.id),
            *self._get_party_domain(),
            "|",
            ("state", "in", BINDING_STATES),
            ("id", "in", along.ids),
            ("date_start", "<=", self.date_end or fields.Date.to_date("9999-12-31")),
            "|",
            ("date_end", "=", False),
            ("date_end", ">=", self.date_start),
        ]
        # sudo: an agreement that the user may not see is a rival all the same.
        others = self.sudo().with_context(active_test=False).search(domain)
        mine = self.sudo().service_ids
        return others.filtered(
            lambda other: (
                bool(mine & other.service_ids) if mine else not other.service_ids
            )
        )

    @api.constrains("date_end", "date_start")
    def _check_end_of_active(self):
        self.filtered(lambda agreement: agreement.state == "active")._check_no_overlap()
