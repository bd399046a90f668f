from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .itsm_release import OPEN_STATES


class ItsmReleaseCopy(models.Model):
    """A master copy of the software library that a release delivers.

    Its checksum is taken when it is added, so that another file is found out.
    """

    _name = "itsm.release.copy"
    _description = "Master Copy of a Release"
    _order = "id"
    _rec_name = "version_id"
    _check_company_auto = True

    release_id = fields.Many2one(
        "itsm.release", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="release_id.company_id", store=True)
    version_id = fields.Many2one(
        "itsm.software.version",
        string="Software and Version",
        required=True,
        ondelete="restrict",
        check_company=True,
        index=True,
    )
    checksum = fields.Char(
        string="SHA-256 When Added",
        readonly=True,
        help="As the library said when it was put into the release.",
    )
    library_state = fields.Selection(
        related="version_id.state", string="In the Library"
    )
    status = fields.Selection(
        [
            ("same", "Same"),
            ("different", "Other Checksum"),
            ("missing", "Missing"),
        ],
        string="Checksum",
        compute="_compute_status",
        help="Whether the library still has what was added.",
    )

    _version_uniq = models.Constraint(
        "UNIQUE(release_id, version_id)", "A version is in a release once."
    )

    @api.depends(
        "checksum",
        "version_id.checksum",
        "version_id.location",
        "version_id.master_file",
        "version_id.active",
    )
    def _compute_status(self):
        # sudo: whether it is the same does not depend on what the user may read.
        for copy in self:
            version = copy.version_id.sudo().with_context(bin_size=True)
            kept = version.active and (version.location or version.master_file)
            if not kept or not version.checksum:
                copy.status = "missing"
            elif version.checksum != copy.checksum:
                copy.status = "different"
            else:
                copy.status = "same"

    @api.model_create_multi
    def create(self, vals_list):
        copies = super().create(
            [
                {
                    **vals,
                    "checksum": self.env["itsm.software.version"]
                    .browse(vals.get("version_id"))
                    .checksum,
                }
                for vals in vals_list
            ]
        )
        copies._check_open()
        for copy in copies:
            if copy.status != "same":
                raise UserError(
                    self.env._(
                        "The library has no master copy of %s with a checksum. Record "
                        "its place or file, and its checksum, there first.",
                        copy.version_id.display_name,
                    )
                )
        return copies

    def write(self, vals):
        for name in ("release_id", "version_id", "checksum"):
            field = self._fields[name]
            if name in vals and any(
                field.convert_to_write(copy[name], copy) != vals[name] for copy in self
            ):
                raise UserError(
                    self.env._(
                        "A master copy stays as it was added. Take it out and add the "
                        "right one."
                    )
                )
        return super().write(vals)

    def unlink(self):
        self.check_access("unlink")
        self._check_open()
        return super().unlink()

    def _check_open(self):
        for release in self.release_id:
            if release.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%(release)s is “%(state)s”: what it contains stays. Take it "
                        "back to building first.",
                        release=release.display_name,
                        state=release._workflow_state_label(release.state),
                    )
                )


class ItsmRelease(models.Model):
    """Master copies of a release."""

    _name = "itsm.release"
    _inherit = ["itsm.release"]
    _kept_parts = ("itsm.release.copy",)

    copy_ids = fields.One2many(
        "itsm.release.copy", "release_id", string="Master Copies", copy=False
    )
    has_wrong_copy = fields.Boolean(
        compute="_compute_has_wrong_copy",
        help="The library has another master copy than the release, or none.",
    )

    @api.depends("copy_ids.status")
    def _compute_has_wrong_copy(self):
        for release in self:
            release.has_wrong_copy = any(
                copy.status != "same" for copy in release.copy_ids
            )

    def _check_can_deploy(self):
        result = super()._check_can_deploy()
        for release in self.filtered("has_wrong_copy"):
            wrong = release.copy_ids.filtered(lambda copy: copy.status != "same")
            raise UserError(
                self.env._(
                    "%(release)s cannot go to production: the library has another "
                    "master copy, or none, of %(copies)s.",
                    release=release.display_name,
                    copies=format_list(self.env, wrong.mapped("display_name")),
                )
            )
        return result
