import base64

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.boolean_search import boolean_search
from ..tools.checksum import compute_checksum, normalize_checksum
from ..tools.workflow import Transition

MANAGER = ("itsm_core.group_configuration_manager",)


class ItsmSoftwareVersion(models.Model):
    """A version of software: the record of its controlled master copy."""

    _name = "itsm.software.version"
    _description = "Software Version"
    _inherit = [
        "itsm.workflow.mixin",
        "itsm.kept.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "software_id, release_date DESC, id DESC"
    _rec_name = "complete_name"
    _check_company_auto = True

    _workflow_initial = "test"
    _workflow_transitions = (
        Transition(
            "test",
            "released",
            required=(("location", "master_file"), "checksum"),
            groups=MANAGER,
            stamp=("release_date",),
        ),
        Transition(
            ("test", "released"), "withdrawn", groups=MANAGER, stamp=("withdrawn_date",)
        ),
    )
    _workflow_locked_fields = dict.fromkeys(
        ("released", "withdrawn"),
        ("software_id", "name", "location", "master_file", "checksum"),
    )

    software_id = fields.Many2one(
        "itsm.software",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    name = fields.Char(string="Version", required=True, tracking=True)
    complete_name = fields.Char(
        string="Software and Version", compute="_compute_complete_name", store=True
    )
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(related="software_id.company_id", store=True)
    state = fields.Selection(
        [("test", "In Test"), ("released", "Released"), ("withdrawn", "Withdrawn")],
        default="test",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    location = fields.Char(
        string="Place in the Library",
        copy=False,
        tracking=True,
        help="Where the master copy is kept, such as a path, an address or a safe.",
    )
    master_file = fields.Binary(
        string="Master Copy",
        attachment=True,
        copy=False,
        help="For what is small enough to be kept here.",
    )
    master_file_name = fields.Char(copy=False)
    checksum = fields.Char(
        string="SHA-256",
        copy=False,
        tracking=True,
        help="The checksum of the master copy. Taken from the file where one is given.",
    )
    licence_id = fields.Many2one(
        "itsm.ci",
        check_company=True,
        domain=lambda self: self.env["itsm.licence.entitlement"]._get_licence_domain(),
        index="btree_not_null",
        tracking=True,
    )
    release_date = fields.Date(string="Released On", readonly=True, copy=False)
    withdrawn_date = fields.Date(string="Withdrawn On", readonly=True, copy=False)
    end_of_support = fields.Date(
        string="End of Support",
        tracking=True,
        help="The last day on which its publisher mends faults.",
    )
    is_unsupported = fields.Boolean(
        string="Past Support",
        compute="_compute_is_unsupported",
        search="_search_is_unsupported",
    )
    note = fields.Html(string="Notes")
    installation_count = fields.Integer(
        string="Installations", compute="_compute_installation_count"
    )

    _version_uniq = models.UniqueIndex(
        "(software_id, lower(name))", "This version is in the library already."
    )

    @api.depends("software_id.name", "name")
    def _compute_complete_name(self):
        for version in self:
            version.complete_name = f"{version.software_id.name} {version.name}"

    @api.depends("end_of_support")
    @api.depends_context("tz")
    def _compute_is_unsupported(self):
        today = fields.Date.context_today(self)
        for version in self:
            end = version.end_of_support
            version.is_unsupported = bool(end and end < today)

    @boolean_search
    def _search_is_unsupported(self):
        return [("end_of_support", "<", fields.Date.context_today(self))]

    def _compute_installation_count(self):
        counts = dict(
            self.env["itsm.software.installation"]._read_group(
                [("version_id", "in", self.ids), ("is_installed", "=", True)],
                ["version_id"],
                ["__count"],
            )
        )
        for version in self:
            version.installation_count = counts.get(version._origin, 0)

    @api.constrains("checksum", "master_file")
    def _check_checksum(self):
        """Refuse a file that is not the one of the checksum, and the reverse."""
        for version in self.with_context(bin_size=False):
            if not version.master_file:
                continue
            found = compute_checksum(base64.b64decode(version.master_file))
            if version.checksum != found:
                raise ValidationError(
                    self.env._(
                        "The file is not the master copy of %(version)s: its checksum "
                        "is %(found)s, the library says %(known)s. Choose the right "
                        "file, or correct the checksum.",
                        version=version.complete_name,
                        found=found,
                        known=version.checksum or self.env._("nothing"),
                    )
                )

    @api.constrains("software_id")
    def _check_software_id(self):
        installations = self.env["itsm.software.installation"].search(
            [("version_id", "in", self.ids)]
        )
        installations._check_version_id()

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            self._complete_checksum(vals, self.browse())
        return super().create(vals_list)

    def write(self, vals):
        if "checksum" in vals or "master_file" in vals:
            vals = dict(vals)
            self._complete_checksum(vals, self)
        return super().write(vals)

    @api.model
    def _complete_checksum(self, vals, versions):
        """Write checksums in one way, and take that of a file where none is known.

        :param dict vals: values of a write or create, changed in place
        :param versions: to be written, none for a create
        """
        if vals.get("checksum"):
            try:
                vals["checksum"] = normalize_checksum(vals["checksum"])
            except ValueError as error:
                raise UserError(
                    self.env._(
                        "“%(text)s” is no SHA-256 checksum. It has 64 digits from 0 to "
                        "9 and a to f.",
                        text=vals["checksum"],
                    )
                ) from error
        elif vals.get("master_file") and (
            "checksum" in vals or not any(versions.mapped("checksum"))
        ):
            content = base64.b64decode(vals["master_file"])
            vals["checksum"] = compute_checksum(content)

    def action_open_installations(self):
        """Open where this version is installed."""
        self.ensure_one()
        return self.software_id._get_library_action(
            "itsm.software.installation",
            self.complete_name,
            [("version_id", "=", self.id)],
            default_software_id=self.software_id.id,
            default_version_id=self.id,
            search_default_installed=1,
        )
