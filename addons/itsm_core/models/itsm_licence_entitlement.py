from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .itsm_software_balance import EXPIRY_DAYS

EXPIRING = "itsm_core.mail_activity_type_licence_expiring"


class ItsmLicenceEntitlement(models.Model):
    """How much of a software a licence allows to use, and how long."""

    _name = "itsm.licence.entitlement"
    _description = "Licence Entitlement"
    _inherit = ["mail.thread", "mail.activity.mixin", "itsm.reminder.mixin"]
    _order = "date_from DESC, id DESC"
    _check_company_auto = True

    licence_id = fields.Many2one(
        "itsm.ci",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain=lambda self: self._get_licence_domain(),
        index=True,
        tracking=True,
        help="The item that is the licence, such as a contract or a key.",
    )
    software_id = fields.Many2one(
        "itsm.software",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(related="software_id.company_id", store=True)
    metric = fields.Selection(related="software_id.metric", string="Counted By")
    quantity = fields.Integer(required=True, default=1, tracking=True)
    date_from = fields.Date(
        string="Valid From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
    )
    date_to = fields.Date(
        string="Last Day",
        tracking=True,
        index="btree_not_null",
        help="Empty: for ever.",
    )
    contract_reference = fields.Char(string="Contract", tracking=True)
    supplier_id = fields.Many2one(
        "res.partner",
        string="Vendor",
        compute="_compute_supplier_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        tracking=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    cost = fields.Monetary(tracking=True, help="What was paid for all of it.")
    note = fields.Text()
    expiry_told_for = fields.Date(readonly=True, copy=False)
    validity = fields.Selection(
        [
            ("coming", "Not Yet Valid"),
            ("valid", "Valid"),
            ("expiring", "Expiring"),
            ("expired", "Expired"),
        ],
        compute="_compute_validity",
    )

    _quantity_positive = models.Constraint(
        "CHECK (quantity > 0)", "A licence allows at least one: correct the quantity."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A licence cannot end before it begins."
    )

    @api.model
    def _get_licence_domain(self):
        licence = self.env.ref("itsm_core.ci_class_licence", raise_if_not_found=False)
        return [("class_id", "child_of", licence.ids)] if licence else []

    @api.depends("software_id.name", "licence_id.name", "quantity")
    def _compute_display_name(self):
        for entitlement in self:
            # Of one that is being typed, nothing is known yet: "New".
            entitlement.display_name = bool(
                entitlement.software_id and entitlement.licence_id
            ) and self.env._(
                "%(quantity)s × %(software)s (%(licence)s)",
                quantity=entitlement.quantity,
                software=entitlement.software_id.name,
                licence=entitlement.licence_id.name,
            )

    @api.depends("licence_id")
    def _compute_supplier_id(self):
        for entitlement in self:
            entitlement.supplier_id = (
                entitlement.supplier_id or entitlement.licence_id.supplier_id
            )

    @api.depends("date_from", "date_to")
    @api.depends_context("tz")
    def _compute_validity(self):
        today = fields.Date.context_today(self)
        limit = fields.Date.add(today, days=EXPIRY_DAYS)
        for entitlement in self:
            if entitlement.date_from and entitlement.date_from > today:
                entitlement.validity = "coming"
            elif not entitlement.date_to or entitlement.date_to > limit:
                entitlement.validity = "valid"
            elif entitlement.date_to >= today:
                entitlement.validity = "expiring"
            else:
                entitlement.validity = "expired"

    @api.constrains("licence_id")
    def _check_licence_id(self):
        licences = self.licence_id.filtered_domain(self._get_licence_domain())
        for entitlement in self:
            if entitlement.licence_id not in licences:
                raise ValidationError(
                    self.env._(
                        "“%(item)s” is no licence. Choose an item of the class "
                        "Licence or one below it.",
                        item=entitlement.licence_id.name,
                    )
                )

    @api.model
    def _tell_expiry(self, company):
        """Tell the responsible of licences that run out, once for each last day."""
        today = fields.Date.context_today(self)
        limit = fields.Date.add(today, days=EXPIRY_DAYS)
        expiring = self.search(
            Domain("company_id", "=", company.id)
            & Domain("date_to", ">=", today)
            & Domain("date_to", "<=", limit)
            & Domain("licence_id.lifecycle_state", "!=", "retired")
        ).filtered(
            lambda entitlement: entitlement.expiry_told_for != entitlement.date_to
        )
        self._remind(
            EXPIRING,
            [
                (entitlement, entitlement.software_id.owner_id, entitlement.date_to)
                for entitlement in expiring
            ],
            self.env._("This licence runs out: renew it, or remove what uses it"),
        )
        for day, entitlements in expiring.grouped("date_to").items():
            entitlements.expiry_told_for = day
