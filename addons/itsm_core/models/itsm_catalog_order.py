from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.boolean_search import boolean_search
from ..tools.uninstall import guard_unlink
from ..tools.workflow import Transition


class ItsmCatalogOrder(models.Model):
    """What was requested from the catalogue with a ticket, by whom and for whom.

    The ticket is what the desk works on and the customer follows; this is what was
    asked for, frozen as it was then, and its approval. Nobody writes it: ordering,
    approving and the checklist do.
    """

    _name = "itsm.catalog.order"
    _description = "Catalogue Request"
    _inherit = ["itsm.approval.mixin", "mail.thread"]
    _order = "id DESC"
    _workflow_field = "state"
    _workflow_initial = "waiting"
    _workflow_transitions = (
        Transition("waiting", "free", check="_check_needs_no_approval"),
        Transition("waiting", "approved", stamp=("approved_date",)),
        Transition("waiting", "refused", required=("refusal_reason",)),
        Transition("waiting", "cancelled"),
        Transition(("refused", "cancelled"), "waiting", clear=("refusal_reason",)),
    )
    # The form has buttons of its own: nobody restarts a request.
    _tier_validation_manual_config = True
    _state_from = ["waiting"]
    _state_to = ["approved"]
    _cancel_state = "cancelled"
    _approval_excluded_fields = ("requester_id", "partner_id", "create_uid")
    _approval_free_fields = ("expected_date", "refusal_reason", "step_ids")

    name = fields.Char(string="What", required=True, readonly=True)
    ticket_id = fields.Many2one(
        "helpdesk.ticket", required=True, readonly=True, ondelete="restrict"
    )
    number = fields.Char(related="ticket_id.number")
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, precompute=True, index=True
    )
    item_id = fields.Many2one(
        "itsm.catalog.item",
        string="Catalogue Item",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    category_id = fields.Many2one(related="item_id.category_id", store=True)
    owner_id = fields.Many2one(
        "res.users",
        string="Owner of the Item",
        readonly=True,
        ondelete="restrict",
        help="Who answered for the item when it was requested.",
    )
    requester_id = fields.Many2one(
        "res.partner",
        string="Requested By",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="For",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Who gets it.",
    )
    manager_ids = fields.Many2many(
        "res.users",
        "itsm_catalog_order_manager_rel",
        "order_id",
        "user_id",
        string="Line Manager",
        readonly=True,
        help="Who led the person it is for when it was requested, or the next above "
        "where that is who requested it. Approval rules can name them.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    price = fields.Monetary(readonly=True)
    expected_days = fields.Integer(string="Working Days", readonly=True)
    expected_date = fields.Date(
        string="Expected",
        readonly=True,
        help="When it should be there, counted from the approval, or from the request "
        "where it needed none.",
    )
    answers = fields.Properties(definition="item_id.form_definition")
    answer_list = fields.Json(
        readonly=True, help="Questions and answers as they were read then."
    )
    typed = fields.Json(
        string="As Typed",
        readonly=True,
        help="What was typed, so that the same can be requested again.",
    )
    answers_html = fields.Html(
        string="Answers", compute="_compute_answers_html", sanitize=False
    )
    needs_approval = fields.Boolean(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting for Approval"),
            ("free", "No Approval Needed"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("cancelled", "Withdrawn"),
        ],
        string="Approval",
        required=True,
        readonly=True,
        default="waiting",
        index=True,
        copy=False,
    )
    approved_date = fields.Datetime(string="Approved On", readonly=True, copy=False)
    refusal_reason = fields.Text(string="Reason for Refusal", readonly=True, copy=False)
    ticket_state = fields.Selection(related="ticket_id.itsm_state", string="Status")
    status = fields.Char(compute="_compute_status")
    is_mine = fields.Boolean(
        string="Mine", compute="_compute_is_mine", search="_search_is_mine"
    )
    is_reviewer = fields.Boolean(
        string="Mine to Approve",
        compute="_compute_is_reviewer",
        search="_search_is_reviewer",
        help="You may, or did, decide on this request.",
    )

    _ticket_unique = models.UniqueIndex("(ticket_id)")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("name", "number", "partner_id")
    def _compute_display_name(self):
        for order in self:
            order.display_name = f"[{order.number}] {order.name}"

    @api.depends("answer_list")
    def _compute_answers_html(self):
        for order in self:
            order.answers_html = render_answers(order.answer_list)

    @api.depends("ticket_state", "ticket_id.pending_reason")
    def _compute_status(self):
        for order in self:
            # sudo: an approver need not be allowed to see the ticket.
            order.status = order.ticket_id.sudo()._get_portal_state()[0]

    @api.depends_context("uid")
    @api.depends("ticket_id")
    def _compute_is_mine(self):
        # sudo: asks about these requests only, and answers for the current user.
        mine = self.sudo().search(
            [("id", "in", self._origin.ids), ("is_mine", "=", True)]
        )
        for order in self:
            order.is_mine = order._origin in mine

    @boolean_search
    def _search_is_mine(self):
        # sudo: the part of their own, of which rules still take a part.
        tickets = self.env["helpdesk.ticket"].sudo()
        return fields.Domain(
            "ticket_id", "in", tickets._search([("is_party", "=", True)])
        )

    @api.depends_context("uid")
    def _compute_is_reviewer(self):
        # sudo: asks about these requests only, and answers for the current user.
        mine = self.sudo().search(
            [("id", "in", self._origin.ids), ("is_reviewer", "=", True)]
        )
        for order in self:
            order.is_reviewer = order._origin in mine

    @boolean_search
    def _search_is_reviewer(self):
        self.env["tier.review"].flush_model()
        field = self.env["tier.review"]._fields["reviewer_ids"]
        ids = SQL(
            """
            (SELECT r.res_id FROM tier_review r
          LEFT JOIN %(relation)s u
                 ON u.%(review)s = r.id AND u.%(user)s = %(uid)s
              WHERE r.model = %(model)s
                AND (r.done_by = %(uid)s OR u.%(user)s IS NOT NULL))
            """,
            relation=SQL.identifier(field.relation),
            review=SQL.identifier(field.column1),
            user=SQL.identifier(field.column2),
            uid=self.env.uid,
            model=self._name,
        )
        return fields.Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s IN %s", SQL.identifier(alias, "id"), ids
            )
        )

    # ------------------------------------------------------------------
    # Kept
    # ------------------------------------------------------------------

    @guard_unlink
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "Requests are records of what was asked for and approved. They are "
                "kept with their ticket."
            )
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_open_ticket(self):
        """Open the ticket on which the desk works."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()

    def action_open_page(self):
        """Open the page on which the request is followed and talked about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/my/ticket/{self.ticket_id.id}",
            "target": "self",
        }


def render_answers(answer_list):
    """Return a table of questions and answers.

    :param answer_list: pairs of texts; they are escaped
    :rtype: markupsafe.Markup
    """
    rows = Markup().join(
        Markup(
            '<tr><td class="pe-3 text-muted align-top">%s</td>'
            '<td class="text-break">%s</td></tr>'
        )
        % (label, Markup("<br/>").join(escape(line) for line in text.split("\n")))
        for label, text in answer_list or []
        if text
    )
    return rows and Markup(
        '<table class="o_itsm_answers"><tbody>%s</tbody></table>'
    ) % (rows)


class ItsmCatalogItem(models.Model):
    """The requests of an item."""

    _name = "itsm.catalog.item"
    _inherit = ["itsm.catalog.item"]

    order_count = fields.Integer(
        compute="_compute_order_count",
        groups="itsm_core.group_user,itsm_core.group_auditor",
    )

    def _compute_order_count(self):
        counts = dict(
            self.env["itsm.catalog.order"]._read_group(
                [("item_id", "in", self.ids)], ["item_id"], ["__count"]
            )
        )
        for item in self:
            item.order_count = counts.get(item, 0)

    def action_open_orders(self):
        """Open the requests of the item."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "itsm_core.itsm_catalog_order_action"
        )
        return {**action, "domain": [("item_id", "=", self.id)], "context": {}}
