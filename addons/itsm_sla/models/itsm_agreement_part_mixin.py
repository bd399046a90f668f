from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .itsm_agreement import EDITABLE_STATES


class ItsmAgreementPartMixin(models.AbstractModel):
    """A line of an agreement: part of what the parties agreed upon.

    It changes only while the agreement is negotiated, and whoever changes it makes
    an acceptance void.
    """

    _name = "itsm.agreement.part.mixin"
    _description = "Part of an Agreement"
    _check_company_auto = True

    agreement_id = fields.Many2one(
        "itsm.agreement", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="agreement_id.company_id", store=True)
    service_id = fields.Many2one(
        "itsm.service",
        ondelete="restrict",
        check_company=True,
        index="btree_not_null",
        help="Empty: all services of the agreement.",
    )

    @api.constrains("service_id", "agreement_id")
    def _check_service(self):
        for part in self:
            services = part.agreement_id.service_ids
            if part.service_id and services and part.service_id not in services:
                raise ValidationError(
                    self.env._(
                        "No ticket can match “%(part)s”: %(agreement)s does not "
                        "cover %(service)s. Add the service to the agreement, or "
                        "leave it out here.",
                        part=part.display_name,
                        agreement=part.agreement_id.display_name,
                        service=part.service_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # What was agreed stays as it was agreed
    # ------------------------------------------------------------------

    def _check_agreement_editable(self):
        """Refuse changes to parts of agreements in force.

        :raise UserError: naming the agreement
        """
        for agreement in self.agreement_id:
            if agreement.state not in EDITABLE_STATES:
                raise UserError(
                    self.env._(
                        "%(agreement)s has been agreed: its targets stay as they are, "
                        "and so do the volumes it expects. Revise the agreement to "
                        "change them.",
                        agreement=agreement.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_agreement_editable()
        parts.agreement_id._void_acceptance()
        return parts

    def write(self, vals):
        self._check_agreement_editable()
        agreements = self.agreement_id
        result = super().write(vals)
        if "agreement_id" in vals:
            self._check_agreement_editable()
        (agreements | self.agreement_id)._void_acceptance()
        return result

    def unlink(self):
        self._check_agreement_editable()
        agreements = self.agreement_id
        result = super().unlink()
        agreements._void_acceptance()
        return result
