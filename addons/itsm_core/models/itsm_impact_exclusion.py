from odoo import fields, models

DIRECTIONS = [("affected", "What is affected"), ("depends", "What it depends on")]


class ItsmImpactExclusion(models.Model):
    """A branch that somebody left out of the impact of a record, and why.

    Who and when is said by the creation of the row, and of its end by the user and
    date of restoring. Rows are made and ended by the record they belong to
    (``itsm.impact.mixin``), which asks for the right to change it.
    """

    _name = "itsm.impact.exclusion"
    _description = "Branch Excluded from Impact"
    _order = "id"
    _rec_name = "ci_id"

    ticket_id = fields.Many2one(
        "helpdesk.ticket", ondelete="cascade", index="btree_not_null", readonly=True
    )
    origin_ci_id = fields.Many2one(
        "itsm.ci",
        string="Of Item",
        ondelete="cascade",
        index="btree_not_null",
        readonly=True,
    )
    problem_id = fields.Many2one(
        "itsm.problem", ondelete="cascade", index="btree_not_null", readonly=True
    )
    direction = fields.Selection(DIRECTIONS, required=True, readonly=True)
    ci_id = fields.Many2one(
        "itsm.ci",
        string="Excluded Item",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    reason = fields.Char(required=True, readonly=True)
    active = fields.Boolean(default=True, readonly=True)
    restored_uid = fields.Many2one(
        "res.users", string="Restored By", ondelete="restrict", readonly=True
    )
    restored_date = fields.Datetime(string="Restored On", readonly=True)

    _one_origin = models.Constraint(
        "CHECK(num_nonnulls(ticket_id, origin_ci_id, problem_id) = 1)",
        "An exclusion belongs to one record.",
    )
    _ticket_uniq = models.UniqueIndex(
        "(ticket_id, direction, ci_id) WHERE active AND ticket_id IS NOT NULL",
        "This branch is excluded already.",
    )
    _problem_uniq = models.UniqueIndex(
        "(problem_id, direction, ci_id) WHERE active AND problem_id IS NOT NULL",
        "This branch is excluded already.",
    )
    _origin_uniq = models.UniqueIndex(
        "(origin_ci_id, direction, ci_id) WHERE active AND origin_ci_id IS NOT NULL",
        "This branch is excluded already.",
    )
