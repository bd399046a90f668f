from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.sql import column_exists, create_column

from ..tools.phone import MAX_EXTENSION, endings, is_phone_number, significant_digits

CALLER_KEY = "itsm_find_caller"


class ResPartner(models.Model):
    """Finding who is on the phone: by name, number or e-mail, in one box."""

    _name = "res.partner"
    _inherit = ["res.partner"]

    itsm_phone_digits = fields.Char(
        string="Phone Digits",
        compute="_compute_itsm_phone_digits",
        store=True,
        index="trigram",
        groups="base.group_user",
        help="The phone number without what people write in different ways.",
    )

    def _auto_init(self):
        # One statement instead of every contact through the ORM.
        if not column_exists(self.env.cr, self._table, "itsm_phone_digits"):
            create_column(self.env.cr, self._table, "itsm_phone_digits", "varchar")
            self.env.cr.execute(
                r"""
                UPDATE res_partner
                   SET itsm_phone_digits = NULLIF(ltrim(regexp_replace(
                       regexp_replace(phone, '\(0+\)', '', 'g'),
                       '[^0-9]', '', 'g'), '0'), '')
                 WHERE phone IS NOT NULL
                """
            )
        return super()._auto_init()

    @api.depends("phone")
    def _compute_itsm_phone_digits(self):
        for partner in self:
            partner.itsm_phone_digits = significant_digits(partner.phone) or False

    @api.model
    def _search_display_name(self, operator, value):
        domain = Domain(super()._search_display_name(operator, value))
        if not self.env.context.get(CALLER_KEY) or operator != "ilike":
            return domain
        if is_phone_number(value):
            digits = significant_digits(value)
            if len(digits) <= MAX_EXTENSION:
                return domain | Domain("itsm_phone_digits", "=like", f"%{digits}")
            # Typed is a part of what is stored, or the stored number is written
            # without country code: then it is an ending of what was typed.
            return (
                domain
                | Domain("itsm_phone_digits", "like", digits)
                | Domain("itsm_phone_digits", "in", endings(digits))
            )
        # First and last name come in any order.
        words = value.split()
        if len(words) > 1:
            domain |= Domain.AND(Domain("name", "ilike", word) for word in words)
        return domain

    @api.depends("phone")
    @api.depends_context(CALLER_KEY)
    def _compute_display_name(self):
        """Tell namesakes apart by phone and e-mail where callers are looked for."""
        result = super()._compute_display_name()
        if self.env.context.get(CALLER_KEY) and self.env.context.get(
            "formatted_display_name"
        ):
            for partner in self:
                details = " · ".join(filter(None, [partner.phone, partner.email]))
                if details:
                    partner.display_name = f"{partner.display_name} \t --{details}--"
        return result
