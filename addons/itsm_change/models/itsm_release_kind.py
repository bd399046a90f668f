import string
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

PARTS = ("kind", "year", "month", "number")
#: What releases of a kind were made by.
RULE_FIELDS = ("code", "is_emergency")


class ItsmReleaseKind(models.Model):
    """A kind of release: how it is numbered, how often it comes, what it needs."""

    _name = "itsm.release.kind"
    _description = "Kind of Release"
    _inherit = ["itsm.bounds.mixin", "itsm.shared.policy.mixin"]
    _order = "sequence, id"
    _number_bounds = {"frequency_days": (0, 3650)}

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Stands for {kind} in the numbers.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: shared by all companies."
    )
    pattern = fields.Char(
        string="Number",
        required=True,
        default="{kind}-{year}-{number}",
        help="How releases of this kind are numbered. {kind} stands for the code, "
        "{year} and {month} for those of the planned date, {number} for the running "
        "number.",
    )
    frequency_days = fields.Integer(
        string="Planned Every (Days)",
        help="How often such a release is planned. 0: whenever it is needed.",
    )
    needs_customer = fields.Boolean(
        string="Accepted by Customers",
        help="Goes to production only with the recorded acceptance by a customer.",
    )
    is_emergency = fields.Boolean(
        string="Emergency",
        help="May leave out environments with a reason, and is reviewed afterwards.",
    )
    description = fields.Text(translate=True, help="When a release is of this kind.")
    next_date = fields.Date(
        string="Next One By",
        compute="_compute_next_date",
        help="So many days after the latest release of this kind, planned or deployed.",
    )
    is_next_late = fields.Boolean(compute="_compute_next_date")

    _code_uniq = models.UniqueIndex(
        "(lower(code), COALESCE(company_id, 0))",
        "There is a kind of release with this code already.",
    )
    _frequency_not_negative = models.Constraint(
        "CHECK (frequency_days >= 0)",
        "A release cannot be planned every so many days less than none.",
    )

    @api.depends("frequency_days")
    @api.depends_context("allowed_company_ids", "tz")
    def _compute_next_date(self):
        latest = dict(
            self.env["itsm.release"]._read_group(
                [
                    ("kind_id", "in", self.ids),
                    ("state", "!=", "cancelled"),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["kind_id"],
                ["planned_date:max"],
            )
        )
        today = fields.Date.context_today(self)
        for kind in self:
            last = latest.get(kind._origin)
            kind.next_date = (
                kind.frequency_days
                and last
                and last + timedelta(days=kind.frequency_days)
            )
            kind.is_next_late = bool(kind.next_date and kind.next_date < today)

    @api.constrains("pattern")
    def _check_pattern(self):
        for kind in self:
            try:
                parts = list(string.Formatter().parse(kind.pattern))
            except ValueError as error:
                raise ValidationError(kind._get_pattern_message()) from error
            names = [
                name for _text, name, _spec, _conversion in parts if name is not None
            ]
            plain = all(
                not spec and not conversion
                for _text, name, spec, conversion in parts
                if name is not None
            )
            if not plain or names.count("number") != 1 or not set(names) <= set(PARTS):
                raise ValidationError(kind._get_pattern_message())

    def _get_pattern_message(self):
        return self.env._(
            "“%(pattern)s” does not make a number. Write {number} once, and {kind}, "
            "{year} or {month} where you want them, such as {kind}-{year}-{number}.",
            pattern=self.pattern,
        )

    def _get_number(self, number, day):
        """Return the number of a release of this kind.

        :param str number: the running one
        :param date day: on which it is planned
        """
        self.ensure_one()
        return self.pattern.format(
            kind=self.code, year=day.year, month=f"{day.month:02}", number=number
        )

    def write(self, vals):
        for name in RULE_FIELDS:
            changed = name in vals and self.filtered(
                lambda kind, name=name: kind[name] != vals[name]
            )
            # sudo: whether it is in use does not depend on what the user may read.
            if changed and self.env["itsm.release"].sudo().with_context(
                active_test=False
            ).search_count([("kind_id", "in", changed.ids)], limit=1):
                raise UserError(
                    self.env._(
                        "There are releases of the kind “%(kind)s”, so “%(field)s” "
                        "stays as it is. Archive the kind and make another one.",
                        kind=changed[0].name,
                        field=self._fields[name]._description_string(self.env),
                    )
                )
        return super().write(vals)
