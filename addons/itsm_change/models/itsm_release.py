from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.itsm_core.tools.workflow import Transition

#: States before it is said what goes out: contents may still change.
OPEN_STATES = ("draft", "building", "testing")
#: States before a release is out.
AHEAD_STATES = (*OPEN_STATES, "acceptance", "deployment")
ENDED_STATES = ("closed", "cancelled")
SCOPE_FIELDS = (
    "service_ids",
    "problem_ids",
    "ticket_ids",
    "owner_id",
    "builder_id",
    "backout_plan",
)


class ItsmRelease(models.Model):
    """Changes that are built, tested, accepted and deployed together."""

    _name = "itsm.release"
    _description = "Release"
    _inherit = [
        "itsm.bounds.mixin",
        "itsm.late.mixin",
        "itsm.kept.mixin",
        "itsm.record.mixin",
    ]
    _order = "planned_date desc nulls first, id desc"
    _reference_code = "itsm.release"
    _kept_links = ("involved_ids", "problem_ids", "service_ids", "ticket_ids")
    _planned_fields = ("planned_date",)
    _late_after = ((AHEAD_STATES, "planned_date"), (("support",), "support_until"))

    _workflow_initial = "draft"
    _workflow_transitions = (
        Transition(
            "draft",
            "building",
            required=("owner_id", "planned_date", "service_ids", "change_ids"),
        ),
        Transition("building", "draft"),
        Transition(
            "building", "testing", required=("builder_id",), check="_check_built"
        ),
        Transition(
            "testing",
            "acceptance",
            required=("acceptor_id", "backout_plan"),
            check="_check_tested",
            # What was said of the build before is kept in the chatter.
            clear=("acceptance_note",),
        ),
        # What is built anew is tested and accepted anew.
        Transition(
            ("testing", "acceptance", "deployment", "backed_out"),
            "building",
            check="_check_not_running",
            clear=("accepted_by_id", "accepted_date"),
        ),
        Transition("acceptance", "deployment", check="_check_can_deploy"),
        Transition("deployment", "support", check="_check_deployed"),
        Transition(
            ("deployment", "support"),
            "backed_out",
            required=("backout_note",),
            check="_check_was_in_production",
            stamp=("backed_out_date",),
        ),
        Transition(
            ("support", "backed_out"),
            "closed",
            required=("review_note",),
            check="_check_reviewed",
            stamp=("closed_date",),
        ),
        Transition(
            AHEAD_STATES,
            "cancelled",
            required=("decision_note",),
            check="_check_never_in_production",
        ),
    )
    _workflow_locked_fields = {
        "acceptance": SCOPE_FIELDS,
        "deployment": SCOPE_FIELDS,
        "support": SCOPE_FIELDS,
        "backed_out": SCOPE_FIELDS,
        "closed": (*SCOPE_FIELDS, "planned_date", "review_note", "backout_note"),
        "cancelled": (*SCOPE_FIELDS, "planned_date", "decision_note"),
    }

    state = fields.Selection(
        [
            ("draft", "Planning"),
            ("building", "Building"),
            ("testing", "Testing"),
            ("acceptance", "Acceptance"),
            ("deployment", "Deployment"),
            ("support", "Early-Life Support"),
            ("closed", "Closed"),
            ("backed_out", "Backed Out"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        group_expand=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(required=True)
    kind_id = fields.Many2one(
        "itsm.release.kind",
        required=True,
        ondelete="restrict",
        check_company=True,
        index=True,
        tracking=True,
        help="Says how the release is numbered and what it needs.",
    )
    is_emergency = fields.Boolean(
        string="Emergency", related="kind_id.is_emergency", store=True
    )
    service_ids = fields.Many2many(
        "itsm.service",
        "itsm_release_service_rel",
        "release_id",
        "service_id",
        string="Services",
        check_company=True,
        tracking=True,
        help="What users of these services get.",
    )
    builder_id = fields.Many2one(
        "res.users",
        string="Built By",
        domain=[("share", "=", False)],
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    planned_date = fields.Date(
        string="Planned For",
        copy=False,
        index=True,
        tracking=True,
        help="The day on which it is to be in production.",
    )
    description = fields.Html(help="What is delivered, and what for.")
    deliverables = fields.Html(
        help="What is handed over: packages, documents, training."
    )
    backout_plan = fields.Html(
        string="Back-Out Plan", help="How everything is made as it was before."
    )
    change_ids = fields.One2many("itsm.change", "release_id", string="Changes")
    change_count = fields.Integer(compute="_compute_change_count")
    problem_ids = fields.Many2many(
        "itsm.problem",
        "itsm_release_problem_rel",
        "release_id",
        "problem_id",
        string="Problems and Known Errors Solved",
        check_company=True,
        help="Causes of incidents that the release takes away.",
    )
    ticket_ids = fields.Many2many(
        "helpdesk.ticket",
        "itsm_release_ticket_rel",
        "release_id",
        "ticket_id",
        string="Incidents and Requests Solved",
        check_company=True,
        help="Tickets whose fault the release takes away, or whose wish it fulfils.",
    )
    build_number = fields.Integer(
        string="Build",
        default=1,
        readonly=True,
        copy=False,
        help="Goes up by one whenever it is built anew: then it is tested, accepted "
        "and deployed anew.",
    )
    deployed_date = fields.Datetime(
        string="Deployed On",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        help="When the deployment to production succeeded.",
    )
    support_until = fields.Date(
        string="Early-Life Support Until", readonly=True, copy=False, tracking=True
    )
    backed_out_date = fields.Datetime(
        string="Backed Out On", readonly=True, copy=False, tracking=True
    )
    closed_date = fields.Datetime(
        string="Closed On", readonly=True, copy=False, tracking=True
    )
    backout_note = fields.Text(
        string="How It Was Backed Out", copy=False, tracking=True
    )
    decision_note = fields.Text(
        string="Reason of the Cancellation", copy=False, tracking=True
    )
    review_note = fields.Text(
        string="Conclusion of the Review",
        copy=False,
        tracking=True,
        help="Whether it brought what was wanted, and what to do otherwise.",
    )
    is_late = fields.Boolean(help="Should be in production, or closed, by now.")

    def _compute_change_count(self):
        counts = dict(
            self.env["itsm.change"]._read_group(
                [("release_id", "in", self.ids)], ["release_id"], ["__count"]
            )
        )
        for release in self:
            release.change_count = counts.get(release._origin, 0)

    @api.model
    def _with_references(self, vals_list):
        """Number releases by the pattern of their kind."""
        numbered = super()._with_references(vals_list)
        for vals, before in zip(numbered, vals_list, strict=True):
            if before.get("reference"):
                continue
            kind = self.env["itsm.release.kind"].browse(vals.get("kind_id")).exists()
            if not kind:
                raise UserError(
                    self.env._("Choose the kind of the release: it says its number.")
                )
            day = fields.Date.to_date(
                vals.get("planned_date")
            ) or fields.Date.context_today(self)
            # sudo: the number does not depend on what the user may read.
            vals["reference"] = kind.sudo()._get_number(vals["reference"], day)
        return numbered

    def write(self, vals):
        for name in ("kind_id", "company_id"):
            if name in vals and self._workflow_changed(name, vals[name]):
                raise UserError(
                    self.env._(
                        "“%s” of a release stays: its number was given by it. Make "
                        "another release instead.",
                        self._workflow_field_label(name),
                    )
                )
        return super().write(vals)

    def action_open_changes(self):
        """Open the changes that the release brings."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Changes of %s", self.reference),
            "res_model": "itsm.change",
            "view_mode": "list,form",
            "domain": [("release_id", "=", self.id)],
            "context": {"create": False},
        }
