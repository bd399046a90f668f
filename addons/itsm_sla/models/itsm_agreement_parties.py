from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list


class ItsmAgreement(models.Model):
    """With whom agreements are made: a customer, a team, or a supplier."""

    _name = "itsm.agreement"
    _inherit = ["itsm.agreement"]

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind == "ola":
            self.partner_id = False
        else:
            self.team_id = False

    @api.constrains("kind", "partner_id", "team_id")
    def _check_parties(self):
        for agreement in self:
            if agreement.kind == "ola" and not agreement.team_id:
                raise ValidationError(
                    self.env._(
                        "An operational level agreement is made with a team. Choose "
                        "the team of “%(agreement)s”.",
                        agreement=agreement.name,
                    )
                )
            if agreement.kind == "uc" and not agreement.partner_id:
                raise ValidationError(
                    self.env._(
                        "An underpinning contract is made with a supplier. Choose the "
                        "supplier of “%(agreement)s”.",
                        agreement=agreement.name,
                    )
                )
            if agreement.kind == "ola" and agreement.partner_id:
                raise ValidationError(
                    self.env._(
                        "An operational level agreement has no customer or supplier. "
                        "Leave the field empty."
                    )
                )
            if agreement.kind != "ola" and agreement.team_id:
                raise ValidationError(
                    self.env._(
                        "Only an operational level agreement is made with a team. "
                        "Leave the team empty, or change the kind."
                    )
                )
            if (
                agreement.kind == "sla"
                and agreement.partner_id
                and not agreement.partner_id.is_itsm_customer
            ):
                raise ValidationError(
                    self.env._(
                        "%(partner)s is not a customer. Mark the contact as a "
                        "customer first, or choose another one.",
                        partner=agreement.partner_id.display_name,
                    )
                )

    @api.constrains("kind", "partner_id", "service_ids")
    def _check_supplier_of_services(self):
        """The time of a supplier counts on the services that it supplies."""
        for contract in self.filtered(lambda agreement: agreement.kind == "uc"):
            supplier = contract.partner_id.commercial_partner_id
            # sudo: who supplies a service is asked, whatever else may be read of it.
            others = contract.sudo().service_ids.filtered(
                lambda service, own=supplier: (
                    service.supplier_id
                    and service.supplier_id.commercial_partner_id != own
                )
            )
            if others:
                raise ValidationError(
                    self.env._(
                        "%(supplier)s is not the supplier of %(services)s. Choose "
                        "other services, or change their supplier first.",
                        supplier=contract.partner_id.display_name,
                        services=format_list(self.env, others.mapped("name")),
                    )
                )
