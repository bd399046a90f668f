from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.boolean_search import boolean_search


class ItsmSoftwareInstallation(models.Model):
    """The fact that software is, or was, installed on an item."""

    _name = "itsm.software.installation"
    _description = "Software Installation"
    _order = "ci_id, software_id, date_from DESC, id DESC"
    _check_company_auto = True

    software_id = fields.Many2one(
        "itsm.software", required=True, ondelete="restrict", index=True
    )
    version_id = fields.Many2one(
        "itsm.software.version",
        ondelete="restrict",
        domain="[('software_id', '=', software_id)]",
        index="btree_not_null",
        help="Empty: not known.",
    )
    ci_id = fields.Many2one(
        "itsm.ci",
        string="Item",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain=[("is_service", "=", False)],
        index=True,
    )
    company_id = fields.Many2one(related="software_id.company_id", store=True)
    date_from = fields.Date(
        string="Installed On", required=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="Removed On", copy=False, help="Empty: still installed."
    )
    ci_class_id = fields.Many2one(related="ci_id.class_id", string="Class")
    user_partner_id = fields.Many2one(related="ci_id.user_partner_id", string="Used By")
    is_installed = fields.Boolean(
        string="Installed", compute="_compute_is_installed", search="_search_installed"
    )
    problem = fields.Selection(
        [
            ("withdrawn", "Version Withdrawn"),
            ("unsupported", "Past Support"),
            ("test", "Not Released"),
        ],
        compute="_compute_problem",
        help="Why this version should not be in use.",
    )
    has_problem = fields.Boolean(compute="_compute_problem", search="_search_problem")

    _installation_uniq = models.UniqueIndex(
        "(ci_id, software_id, COALESCE(version_id, 0)) WHERE date_to IS NULL",
        "This version is installed on this item already.",
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)",
        "Software cannot be removed before it was installed.",
    )

    @api.depends("software_id.name", "version_id.name", "ci_id.name")
    def _compute_display_name(self):
        for installation in self:
            installation.display_name = self.env._(
                "%(software)s on %(item)s",
                software=installation._get_software_name(),
                item=installation.ci_id.name or "",
            )

    def _get_software_name(self):
        self.ensure_one()
        return self.version_id.complete_name or self.software_id.name or ""

    @api.depends("date_to", "ci_id.lifecycle_state")
    @api.depends_context("tz")
    def _compute_is_installed(self):
        today = fields.Date.context_today(self)
        for installation in self:
            stop = installation.date_to
            installation.is_installed = (
                not stop or stop > today
            ) and installation.ci_id.lifecycle_state != "retired"

    @boolean_search
    def _search_installed(self):
        today = fields.Date.context_today(self)
        return (Domain("date_to", "=", False) | Domain("date_to", ">", today)) & Domain(
            "ci_id.lifecycle_state", "!=", "retired"
        )

    @api.depends("is_installed", "version_id.state", "version_id.end_of_support")
    def _compute_problem(self):
        for installation in self:
            version = installation.version_id
            if not installation.is_installed or not version:
                problem = False
            elif version.state == "withdrawn":
                problem = "withdrawn"
            elif version.is_unsupported:
                problem = "unsupported"
            elif version.state == "test":
                problem = "test"
            else:
                problem = False
            installation.problem = problem
            installation.has_problem = problem in ("withdrawn", "unsupported")

    @boolean_search
    def _search_problem(self):
        return Domain("is_installed", "=", True) & (
            Domain("version_id.state", "=", "withdrawn")
            | Domain("version_id.is_unsupported", "=", True)
        )

    @api.constrains("software_id", "version_id")
    def _check_version_id(self):
        for installation in self:
            version = installation.version_id
            if version and version.software_id != installation.software_id:
                raise ValidationError(
                    self.env._(
                        "“%(version)s” is no version of %(software)s.",
                        version=version.complete_name,
                        software=installation.software_id.name,
                    )
                )

    @api.constrains("software_id", "version_id", "ci_id", "date_from", "date_to")
    def _check_overlap(self):
        """Refuse to count one installation twice."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT i.id FROM itsm_software_installation i
                  JOIN itsm_software_installation o
                    ON o.ci_id = i.ci_id AND o.software_id = i.software_id
                   AND o.version_id IS NOT DISTINCT FROM i.version_id
                   AND o.id <> i.id
                   AND o.date_from < COALESCE(i.date_to, 'infinity')
                   AND i.date_from < COALESCE(o.date_to, 'infinity')
                 WHERE i.id = ANY(%s) LIMIT 1
                """,
                self.ids,
            )
        )
        if rows:
            raise ValidationError(
                self.env._(
                    "%(installation)s is recorded already for a part of this time.",
                    installation=self.browse(rows[0]).display_name,
                )
            )

    # Items remember what was installed on them

    @api.model_create_multi
    def create(self, vals_list):
        installations = super().create(vals_list)
        installations._log_on_items(
            lambda installation: (
                self.env._("Software installed")
                if not installation.date_to
                else self.env._("Software was installed")
            )
        )
        return installations

    def write(self, vals):
        kept = {
            installation: (
                installation.software_id,
                installation.version_id,
                installation.ci_id,
                installation.date_from,
                installation.date_to,
            )
            for installation in self
        }
        if "ci_id" in vals:
            self.filtered(
                lambda installation: installation.ci_id.id != vals["ci_id"]
            )._log_on_items(lambda _each: self.env._("Software taken off the record"))
        result = super().write(vals)
        changed = self.filtered(
            lambda each: (
                kept[each]
                != (
                    each.software_id,
                    each.version_id,
                    each.ci_id,
                    each.date_from,
                    each.date_to,
                )
            )
        )
        changed._log_on_items(
            lambda installation: (
                self.env._("Software removed")
                if installation.date_to and not kept[installation][-1]
                else self.env._("Installation corrected")
            )
        )
        return result

    def unlink(self):
        self._log_on_items(lambda _each: self.env._("Software taken off the record"))
        return super().unlink()

    def _log_on_items(self, describe):
        """Tell in the history of the items what happened to their software."""
        texts = defaultdict(list)
        for installation in self:
            what = describe(installation)
            texts[installation.ci_id.id].append(
                f"{what}: {installation._get_software_name()}"
            )
        self.env["itsm.ci"].browse(texts)._log_change(
            {ci_id: ", ".join(lines) for ci_id, lines in texts.items()}
        )

    def action_remove(self):
        """Record that the software was removed today."""
        today = fields.Date.context_today(self)
        self.filtered(lambda each: not each.date_to).date_to = today
