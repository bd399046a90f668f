from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.itsm_core.models.itsm_ticket_span import TICKET_TYPES


class ItsmAgreementVolume(models.Model):
    """How many tickets a month the parties expect, and the price was made for."""

    _name = "itsm.agreement.volume"
    _description = "Expected Volume"
    _inherit = ["itsm.agreement.part.mixin"]
    _order = "agreement_id, service_id, ticket_type, id"

    ticket_type = fields.Selection(
        TICKET_TYPES,
        string="Type",
        help="Empty: every type that has no line of its own.",
    )
    expected = fields.Integer(
        string="Expected per Month", required=True, help="Tickets in a whole month."
    )

    _expected_positive = models.Constraint(
        "CHECK (expected BETWEEN 1 AND 1000000)",
        "The expected volume is a number of tickets per month, from 1 to 1,000,000.",
    )
    _one_per_condition = models.UniqueIndex(
        "(agreement_id, COALESCE(service_id, 0), COALESCE(ticket_type, ''))",
        "There are two expected volumes for the same service and type. Keep one of "
        "them.",
    )

    @api.depends("service_id", "ticket_type")
    def _compute_display_name(self):
        types = dict(self._fields["ticket_type"]._description_selection(self.env))
        for volume in self:
            volume.display_name = self.env._(
                "%(service)s: %(type)s",
                service=volume.service_id.display_name or self.env._("All services"),
                type=types.get(volume.ticket_type) or self.env._("every type"),
            )

    @api.constrains("agreement_id")
    def _check_kind(self):
        for volume in self:
            if volume.agreement_id.kind != "sla":
                raise ValidationError(
                    self.env._(
                        "Volumes are expected in service level agreements. Take them "
                        "out of %(agreement)s, or change its kind.",
                        agreement=volume.agreement_id.display_name,
                    )
                )


class ItsmAgreement(models.Model):
    _name = "itsm.agreement"
    _inherit = ["itsm.agreement"]

    @api.constrains("kind")
    def _check_kind_of_volumes(self):
        self.volume_ids._check_kind()
