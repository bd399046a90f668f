from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.workflow import Transition
from .itsm_ci_scope_mixin import SCOPE_FIELDS

#: Where an item is that can be found.
PRESENT_STATES = ("in_stock", "in_use", "in_repair")
MANAGER = ("itsm_core.group_configuration_manager",)

#: Differences that are printed; more are a matter for a spreadsheet.
PRINTED = 1000


class ItsmCiAudit(models.Model):
    """Whether the items of a scope are there, and as they are recorded."""

    _name = "itsm.ci.audit"
    _description = "Configuration Audit"
    _inherit = [
        "itsm.workflow.mixin",
        "itsm.kept.mixin",
        "itsm.ci.scope.mixin",
        "itsm.action.source.mixin",
        "itsm.record.mixin",
    ]
    _order = "planned_date DESC, id DESC"

    _reference_code = "itsm.ci.audit"
    _workflow_initial = "planned"
    _workflow_transitions = (
        Transition(
            "planned",
            "in_progress",
            groups=MANAGER,
            check="_check_scope",
            stamp=("start_date",),
        ),
        Transition(
            "in_progress",
            "reconciliation",
            groups=MANAGER,
            check="_check_findings",
            stamp=("compared_date",),
        ),
        Transition(
            "reconciliation", "in_progress", groups=MANAGER, clear=("compared_date",)
        ),
        Transition(
            "reconciliation",
            "closed",
            groups=MANAGER,
            check="_check_decisions",
            stamp=("closed_date",),
        ),
        Transition(
            ("planned", "in_progress", "reconciliation"), "cancelled", groups=MANAGER
        ),
    )
    _workflow_locked_fields = {
        "in_progress": SCOPE_FIELDS,
        "reconciliation": SCOPE_FIELDS,
        "closed": (*SCOPE_FIELDS, "conclusion", "name", "owner_id", "planned_date"),
        "cancelled": (*SCOPE_FIELDS, "name", "owner_id", "planned_date"),
    }

    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("in_progress", "In Progress"),
            ("reconciliation", "Reconciliation"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="planned",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(required=True, help="Whose items are looked for.")
    planned_date = fields.Date(
        string="Planned For", default=fields.Date.context_today, tracking=True
    )
    purpose = fields.Text(help="Why this part is audited, and what to look at.")
    conclusion = fields.Text(
        help="What the result says of the configuration, and what follows from it."
    )
    start_date = fields.Datetime(string="Started On", readonly=True, copy=False)
    compared_date = fields.Datetime(string="Compared On", readonly=True, copy=False)
    closed_date = fields.Datetime(string="Closed On", readonly=True, copy=False)
    expected_ids = fields.One2many(
        "itsm.ci.audit.item",
        "audit_id",
        string="Expected Items",
        readonly=True,
        copy=False,
    )
    finding_ids = fields.One2many(
        "itsm.ci.audit.finding", "audit_id", string="What Was Found", copy=False
    )
    difference_ids = fields.One2many(
        "itsm.ci.audit.difference",
        "audit_id",
        string="What Differs",
        readonly=True,
        copy=False,
    )

    expected_count = fields.Integer(string="Expected", compute="_compute_figures")
    found_count = fields.Integer(
        string="Found",
        compute="_compute_figures",
        help="Expected items that were found.",
    )
    left_count = fields.Integer(string="Still to Find", compute="_compute_figures")
    finding_count = fields.Integer(
        string="Findings",
        compute="_compute_figures",
        help="All that was found, also what was not expected.",
    )
    missing_count = fields.Integer(string="Missing", compute="_compute_figures")
    surplus_count = fields.Integer(string="Surplus", compute="_compute_figures")
    different_count = fields.Integer(
        string="Different",
        compute="_compute_figures",
        help="Items that were found otherwise than expected, in one field or more.",
    )
    difference_count = fields.Integer(string="Differences", compute="_compute_figures")
    open_count = fields.Integer(
        string="Open Differences",
        compute="_compute_figures",
        help="Differences that are neither corrected nor accepted.",
    )
    completion = fields.Float(
        compute="_compute_figures", help="Found of what is expected, per cent."
    )
    accuracy = fields.Float(
        compute="_compute_figures",
        help="Found as expected of what is expected, per cent. Known once found and "
        "expected are compared.",
    )

    @api.depends("state")
    def _compute_figures(self):
        expected = self._count_parts("itsm.ci.audit.item")
        findings = self._count_parts("itsm.ci.audit.finding")
        found = self._count_parts("itsm.ci.audit.finding", [("item_id", "!=", False)])
        differences = self._count_parts("itsm.ci.audit.difference")
        undecided = self._count_parts(
            "itsm.ci.audit.difference", [("decision", "=", "open")]
        )
        kinds = {
            (audit.id, kind): (whole, items)
            for audit, kind, whole, items in self.env[
                "itsm.ci.audit.difference"
            ]._read_group(
                [("audit_id", "in", self.ids)],
                ["audit_id", "kind"],
                ["__count", "item_id:count_distinct"],
            )
        }
        for audit in self:
            key = audit._origin.id
            audit.expected_count = expected.get(key, 0)
            audit.finding_count = findings.get(key, 0)
            audit.found_count = found.get(key, 0)
            audit.left_count = audit.expected_count - audit.found_count
            audit.missing_count = kinds.get((key, "missing"), (0, 0))[0]
            audit.surplus_count = kinds.get((key, "surplus"), (0, 0))[0]
            audit.different_count = kinds.get((key, "different"), (0, 0))[1]
            audit.difference_count = differences.get(key, 0)
            audit.open_count = undecided.get(key, 0)
            total = audit.expected_count
            audit.completion = 100 * audit.found_count / total if total else 0
            right = total - audit.missing_count - audit.different_count
            compared = audit.state in ("reconciliation", "closed")
            audit.accuracy = 100 * right / total if total and compared else 0

    def _count_parts(self, model, domain=()):
        """Return ``{id: number}`` of the parts of these audits in `model`."""
        groups = self.env[model]._read_group(
            Domain("audit_id", "in", self.ids) & Domain(list(domain)),
            ["audit_id"],
            ["__count"],
        )
        return {audit.id: count for audit, count in groups}

    # Scope

    def _get_scope_domain(self):
        # Nobody finds a service, nor what is not there yet or no more.
        return (
            super()._get_scope_domain()
            & Domain("lifecycle_state", "in", PRESENT_STATES)
            & Domain("class_id.is_service", "=", False)
        )

    # Workflow

    def _check_scope(self):
        for audit in self:
            if not self.env["itsm.ci"].search_count(audit._get_scope_domain(), limit=1):
                raise UserError(
                    self.env._(
                        "There is nothing to look for: the scope of “%(name)s” holds "
                        "no item that is in stock, in use or in repair.",
                        name=audit.name,
                    )
                )

    def _check_findings(self):
        for audit in self:
            if not audit.finding_ids:
                raise UserError(
                    self.env._(
                        "Nothing was found yet in “%(name)s”. Record what you find, "
                        "or cancel the audit.",
                        name=audit.name,
                    )
                )

    def _check_decisions(self):
        for audit in self:
            # Somebody may have recorded a finding while the audit was compared.
            audit._compare()
            if audit.open_count:
                raise UserError(
                    self.env._(
                        "“%(name)s” has open differences: %(count)s. Correct each, "
                        "give somebody an action, or accept it with a reason.",
                        name=audit.name,
                        count=audit.open_count,
                    )
                )

    def _set_state(self, target, **values):
        before = {audit: audit.state for audit in self}
        result = super()._set_state(target, **values)
        for audit in self:
            if before[audit] == "planned" and audit.state == "in_progress":
                audit._freeze_expected()
            elif before[audit] != audit.state == "reconciliation":
                audit._compare()
        return result

    # Report

    def _get_scope_text(self):
        """Return what the scope is, besides its kind."""
        return {
            "service": self.service_id.display_name,
            "class": self.class_id.display_name,
            "location": self.location,
            "filter": self.domain,
        }[self.scope]

    def _get_reported_differences(self):
        """Return the differences that are printed, open ones first."""
        return self.env["itsm.ci.audit.difference"].search(
            [("audit_id", "=", self.id)],
            limit=PRINTED,
            order="decision DESC, name, field_name, id",
        )

    # Screens

    def action_open_expected(self):
        """Open what is expected; while the audit is going on, what is left of it."""
        return self._open_part(
            "itsm_ci_audit_item_action",
            {"search_default_left": self.state == "in_progress"},
        )

    def action_open_findings(self):
        """Open what was found."""
        going_on = self.state == "in_progress"
        return self._open_part(
            "itsm_ci_audit_finding_action", {"create": going_on, "delete": going_on}
        )

    def action_open_differences(self):
        """Open the differences, first those that nobody has decided yet."""
        return self._open_part(
            "itsm_ci_audit_difference_action",
            {"search_default_open": self.state == "reconciliation"},
        )

    def _open_part(self, xmlid, context=None):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"itsm_core.{xmlid}")
        return {
            **action,
            "domain": [("audit_id", "=", self.id)],
            "context": {"default_audit_id": self.id, **(context or {})},
        }
