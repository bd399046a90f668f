from odoo import api, fields, models
from odoo.exceptions import UserError


class ItsmCiAuditDecision(models.TransientModel):
    """Asks what becomes of differences: corrected, an action, or accepted."""

    _name = "itsm.ci.audit.decision"
    _description = "Decide about Differences"

    difference_ids = fields.Many2many(
        "itsm.ci.audit.difference",
        required=True,
        readonly=True,
        default=lambda self: self._default_difference_ids(),
    )
    difference_count = fields.Integer(compute="_compute_difference_count")
    decision = fields.Selection(
        [
            ("corrected", "Correct the items now"),
            ("action", "Give somebody an action"),
            ("accepted", "Accept as it is"),
        ],
        default="corrected",
        required=True,
    )
    reason = fields.Char(help="Why this may stay as it is.")
    owner_id = fields.Many2one(
        "res.users",
        string="Who",
        domain=lambda self: [
            ("all_group_ids", "in", self.env.ref("itsm_core.group_user").ids)
        ],
    )
    due_date = fields.Date(string="Until")
    description = fields.Html(string="What to Do")
    needs_class = fields.Boolean(compute="_compute_needs_class")
    new_class_id = fields.Many2one(
        "itsm.ci.class",
        string="Class of New Items",
        domain=[("is_service", "=", False)],
        help="What the things are that nobody had recorded.",
    )
    explanation = fields.Text(compute="_compute_explanation")

    @api.model
    def _default_difference_ids(self):
        if self.env.context.get("active_model") != "itsm.ci.audit.difference":
            return False
        return (
            self.env["itsm.ci.audit.difference"]
            .browse(self.env.context.get("active_ids", []))
            .filtered(lambda difference: difference.decision == "open")
        )

    @api.depends("difference_ids")
    def _compute_difference_count(self):
        for wizard in self:
            wizard.difference_count = len(wizard.difference_ids)

    @api.depends("difference_ids", "decision")
    def _compute_needs_class(self):
        for wizard in self:
            wizard.needs_class = wizard.decision == "corrected" and any(
                difference.kind == "surplus"
                and not difference.ci_id
                and not difference.finding_id.new_class_id
                for difference in wizard.difference_ids
            )

    @api.depends("difference_ids", "decision")
    def _compute_explanation(self):
        """Say what correcting does, before it is done."""
        for wizard in self:
            kinds = wizard.difference_ids.grouped("kind")
            surplus = kinds.get("surplus", wizard.difference_ids.browse())
            counts = (
                (len(kinds.get("different", ())), self.env._("Taken over as found")),
                (len(kinds.get("missing", ())), self.env._("Retired")),
                (len(surplus.filtered("ci_id")), self.env._("Moved to where it is")),
                (
                    len(surplus.filtered(lambda each: not each.ci_id)),
                    self.env._("Recorded as new items"),
                ),
            )
            wizard.explanation = (
                "\n".join(f"{words}: {count}" for count, words in counts if count)
                if wizard.decision == "corrected"
                else False
            )

    def action_decide(self):
        """Do what was chosen with all of the differences, or with none."""
        self.ensure_one()
        differences = self.difference_ids
        if not differences:
            raise UserError(
                self.env._("Choose differences that nobody has decided about yet.")
            )
        if self.decision == "corrected":
            differences.correct(self.new_class_id)
        elif self.decision == "accepted":
            differences.accept(self.reason)
        else:
            if not (self.owner_id and self.due_date):
                raise UserError(self.env._("Say who takes the action, and until when."))
            differences.give_action(self.owner_id, self.due_date, self.description)
        return {"type": "ir.actions.act_window_close"}
