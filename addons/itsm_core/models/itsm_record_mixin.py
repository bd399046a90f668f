from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class ItsmRecordMixin(models.AbstractModel):
    """What every record of a process has: number, title, company, owner, chatter.

    An adopter names the code of its sequence::

        _reference_code = "itsm.problem"
    """

    _name = "itsm.record.mixin"
    _description = "ITSM Record"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _rec_names_search = ["reference", "name"]
    _check_company_auto = True

    _reference_code = None

    reference = fields.Char(
        string="Number", readonly=True, copy=False, index="trigram", tracking=False
    )
    name = fields.Char(string="Title", required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        help="Empty: shared by all companies.",
    )
    owner_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="The person who answers for this record.",
    )

    _reference_uniq = models.UniqueIndex(
        "(reference, COALESCE(company_id, 0))",
        "This number is in use already. Numbers are unique in a company.",
    )

    @api.constrains("name")
    def _check_name_says_something(self):
        for record in self:
            if not (record.name or "").strip():
                raise ValidationError(
                    self.env._("A title of spaces alone says nothing. Enter a title.")
                )

    @api.depends("reference", "name")
    def _compute_display_name(self):
        for record in self:
            if record.reference:
                record.display_name = f"[{record.reference}] {record.name or ''}"
            else:
                record.display_name = record.name

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._with_references(vals_list))

    @api.model
    def _with_references(self, vals_list):
        """Return `vals_list` with a number in each that brings none."""
        vals_list = [dict(vals) for vals in vals_list]
        by_company = {}
        for vals in vals_list:
            if vals.get("reference"):
                continue
            company_id = vals.get("company_id", self.env.company.id)
            by_company.setdefault(company_id, []).append(vals)
        for company_id, numberless in by_company.items():
            numbers = self.env["ir.sequence"]._next_batch_by_code(
                self._reference_code,
                len(numberless),
                self.env["res.company"].browse(company_id),
            )
            if not numbers:
                raise UserError(
                    self.env._(
                        "There is no number sequence for %(model)s. Ask an "
                        "administrator to create one with the code “%(code)s”.",
                        model=self._description,
                        code=self._reference_code,
                    )
                )
            for vals, number in zip(numberless, numbers, strict=True):
                vals["reference"] = number
        return vals_list

    def write(self, vals):
        if "active" in vals and not (
            self.env.su or self.env.user.has_group("itsm_core.group_manager")
        ):
            raise AccessError(
                self.env._("Only a process manager can archive records of a process.")
            )
        if "reference" in vals and any(
            record.reference != vals["reference"] for record in self
        ):
            raise UserError(self.env._("The number of a record stays as it was given."))
        return super().write(vals)
