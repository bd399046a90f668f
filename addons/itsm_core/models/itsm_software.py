from odoo import api, fields, models

METRICS = [
    ("installation", "Installations"),
    ("device", "Devices"),
    ("user", "Named Users"),
    ("core", "Cores"),
]


class ItsmSoftware(models.Model):
    """A title of software: what is licensed, released and installed.

    Its balance is in ``itsm_software_balance.py``.
    """

    _name = "itsm.software"
    _description = "Software"
    _inherit = ["mail.thread", "mail.activity.mixin", "itsm.reminder.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, index="trigram", tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        help="Whose licences are counted against whose installations.",
    )
    publisher_id = fields.Many2one("res.partner", index="btree_not_null", tracking=True)
    owner_id = fields.Many2one(
        "res.users",
        string="Responsible",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        check_company=True,
        index=True,
        tracking=True,
        help="Is told when more is used than there are licences for, and before "
        "licences run out.",
    )
    metric = fields.Selection(
        METRICS,
        string="Counted By",
        required=True,
        default="installation",
        tracking=True,
        help="Installations: each counts. Devices: an item counts once, however many "
        "versions are installed on it. Named users: whoever uses these items counts "
        "once, and an item of nobody counts as one. Cores: those of the items, as "
        "recorded in the attribute CPU Cores.",
    )
    minimum_use = fields.Integer(
        string="Under-Used Below (%)",
        required=True,
        default=80,
        help="With less than this share of the licences in use, more is paid for than "
        "needed.",
    )
    description = fields.Html()
    version_ids = fields.One2many("itsm.software.version", "software_id")
    entitlement_ids = fields.One2many("itsm.licence.entitlement", "software_id")
    installation_ids = fields.One2many("itsm.software.installation", "software_id")
    version_count = fields.Integer(string="Versions", compute="_compute_version_count")

    _name_uniq = models.UniqueIndex(
        "(lower(name), company_id)", "There is software of this name already."
    )
    _minimum_use_range = models.Constraint(
        "CHECK (minimum_use BETWEEN 0 AND 100)",
        "Under-used below: choose a share from 0 to 100 percent.",
    )

    def _compute_version_count(self):
        counts = dict(
            self.env["itsm.software.version"]._read_group(
                [("software_id", "in", self.ids)], ["software_id"], ["__count"]
            )
        )
        for software in self:
            software.version_count = counts.get(software._origin, 0)

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if "name" not in (default or {}):
            for software, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", software.name)
        return vals_list

    @api.model
    def _get_library_action(self, model, name, domain, **context):
        """Return the action that lists what belongs to software."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "domain": domain,
            "context": context,
        }

    def action_open_versions(self):
        """Open the versions in the library."""
        self.ensure_one()
        return self._get_library_action(
            "itsm.software.version",
            self.display_name,
            [("software_id", "=", self.id)],
            default_software_id=self.id,
        )

    def action_open_installations(self):
        """Open where it is installed."""
        self.ensure_one()
        return self._get_library_action(
            "itsm.software.installation",
            self.display_name,
            [("software_id", "=", self.id)],
            default_software_id=self.id,
            search_default_installed=1,
        )
