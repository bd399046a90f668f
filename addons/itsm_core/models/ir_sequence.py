from odoo import api, models, tools
from odoo.tools import SQL

from odoo.addons.base.models.ir_sequence import _update_nogap


class IrSequence(models.Model):
    _name = "ir.sequence"
    _inherit = ["ir.sequence", "itsm.cached.policy.mixin"]

    @api.model
    def _next_batch_by_code(self, code, count, company=None):
        """Draw `count` numbers at once from the sequence with this code.

        The sequence of `company` (default: the current one) goes before the one
        shared by all companies, as in ``next_by_code``.

        :return: list of `count` numbers with prefix and suffix, in order; empty
            where there is no such sequence.
        """
        company = company or self.env.company
        # sudo: numbers are given to whoever may create the record.
        sequence = self.sudo().browse(self._find_by_code(code, company.id))
        return sequence._next_batch(count) if sequence else []

    @api.model
    @tools.ormcache("code", "company_id")
    def _find_by_code(self, code, company_id):
        """Return the id of the sequence with this code for a company, or False."""
        # sudo: as above.
        return (
            self.sudo()
            .search(
                [("code", "=", code), ("company_id", "in", [company_id, False])],
                order="company_id",
                limit=1,
            )
            .id
        )

    def _next_batch(self, count):
        """Draw `count` numbers at once: a constant number of queries."""
        self.ensure_one()
        if count <= 0:
            return []
        counter = self
        name = f"ir_sequence_{self.id:03d}"
        sequence = self
        if self.use_date_range:
            counter = self._get_current_sequence()
            name = f"ir_sequence_{self.id:03d}_{counter.id:03d}"
            sequence = self.with_context(ir_sequence_date_range=counter.date_from)
        if self.implementation == "standard":
            rows = self.env.execute_query(
                SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, count)
            )
            numbers = [number for (number,) in rows]
        else:
            step = self.number_increment
            start = _update_nogap(counter, step * count)
            numbers = range(start, start + step * count, step)
        prefix, suffix = sequence._get_prefix_suffix()
        return [f"{prefix}{number:0{self.padding}d}{suffix}" for number in numbers]
