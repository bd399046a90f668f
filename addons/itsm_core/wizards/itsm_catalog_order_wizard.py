from odoo import api, fields, models
from odoo.exceptions import UserError


class ItsmCatalogOrderWizard(models.TransientModel):
    """The form of an item for employees: what was typed, and what is wrong with it."""

    _name = "itsm.catalog.order.wizard"
    _description = "Request from the Catalogue"
    _rec_name = "item_id"

    item_id = fields.Many2one("itsm.catalog.item", required=True, ondelete="cascade")
    image_512 = fields.Image(related="item_id.image_512", related_sudo=False)
    category_id = fields.Many2one(related="item_id.category_id", related_sudo=False)
    description = fields.Html(related="item_id.description", related_sudo=False)
    summary = fields.Char(related="item_id.summary", related_sudo=False)
    price = fields.Monetary(related="item_id.price", related_sudo=False)
    currency_id = fields.Many2one(related="item_id.currency_id", related_sudo=False)
    expected_days = fields.Integer(related="item_id.expected_days", related_sudo=False)
    needs_approval = fields.Boolean(compute="_compute_needs_approval")
    requester_id = fields.Many2one(
        "res.partner",
        string="Requested By",
        default=lambda self: self.env.user.partner_id,
        domain=[("is_company", "=", False)],
        required=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="For",
        default=lambda self: self.env.user.partner_id,
        domain=[("is_company", "=", False)],
        help="Yourself, or the colleague who gets it.",
    )
    partner_problem = fields.Char(readonly=True)
    questions = fields.Json(compute="_compute_questions")
    typed = fields.Json(string="Your Answers")
    problems = fields.Json(readonly=True)

    @api.depends("item_id")
    def _compute_needs_approval(self):
        for wizard in self:
            wizard.item_id.check_access("read")
            # sudo: whether there are rules is all that is told.
            wizard.needs_approval = bool(wizard.item_id.sudo().approval_ids)

    @api.depends("item_id", "requester_id")
    def _compute_questions(self):
        for wizard in self:
            # The form is read in superuser mode: only what is offered.
            wizard.item_id.check_access("read")
            wizard.questions = wizard.item_id._get_form_questions(wizard.requester_id)

    def action_order(self):
        """Request the item, or show what is wrong beside the fields.

        :return: the request to open, or True where the form says what is wrong
        """
        self.ensure_one()
        item = self.item_id
        item._check_may_order()
        raw = self.typed if isinstance(self.typed, dict) else {}
        values, problems = item._read_order_form(raw, self.requester_id)
        partner_problem = self._check_partner()
        self.write({"problems": problems, "partner_problem": partner_problem})
        if problems or partner_problem:
            return True
        order = item._make_order(raw, values, self.requester_id, self.partner_id)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_catalog_order_action_mine"
        )
        return {
            **action,
            "views": [(False, "form")],
            "view_mode": "form",
            "res_id": order.id,
            "target": "main",
        }

    def _check_partner(self):
        """Return what is wrong with the person it is for, or False."""
        if not self.partner_id:
            return self.env._("Say who gets it: yourself, or a colleague.")
        try:
            self.item_id._check_persons(self.requester_id, self.partner_id)
        except UserError as error:
            return str(error)
        return False
