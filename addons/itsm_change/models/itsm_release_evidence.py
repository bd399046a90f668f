from odoo import api, fields, models
from odoo.exceptions import UserError

EVIDENCE_STATES = {
    "build": ("building",),
    "test": ("testing", "acceptance", "deployment"),
    "customer": ("acceptance",),
}


class ItsmReleaseEvidence(models.Model):
    """What shows that a release was built, tested or accepted by a customer.

    Recorded once. What is found later is recorded beside it, and counts.
    """

    _name = "itsm.release.evidence"
    _description = "Evidence of a Release"
    _inherit = ["itsm.change.fact.mixin"]
    _order = "date desc, id desc"

    release_id = fields.Many2one(
        "itsm.release", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="release_id.company_id", store=True)
    build_number = fields.Integer(string="Build", readonly=True)
    kind = fields.Selection(
        [
            ("build", "Build"),
            ("test", "Test"),
            ("customer", "Acceptance by a Customer"),
        ],
        default="test",
        required=True,
    )
    name = fields.Char(
        string="What",
        required=True,
        help="What was built or tested. What was said last of it counts.",
    )
    result = fields.Selection(
        [("passed", "Passed"), ("failed", "Failed")], default="passed", required=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Accepted by Contact",
        ondelete="restrict",
        index="btree_not_null",
        help="The person who accepted it for the customer.",
    )
    note = fields.Text()
    url = fields.Char(string="Link", help="Where the log or the report of it is kept.")
    file = fields.Binary(string="Document", attachment=True)
    file_name = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        releases = self.env["itsm.release"].browse(
            {vals.get("release_id") for vals in vals_list} - {None, False}
        )
        # sudo: the build is taken over, whatever the user may read of the release.
        builds = {release.id: release.build_number for release in releases.sudo()}
        return super().create(
            [
                {**vals, "build_number": builds.get(vals.get("release_id"), 0)}
                for vals in vals_list
            ]
        )

    def _check_fact(self):
        self.release_id.check_access("read")
        for line in self:
            release = line.release_id
            if release.state not in EVIDENCE_STATES[line.kind]:
                raise UserError(
                    self.env._(
                        "%(release)s is “%(state)s”: evidence of this kind "
                        "(%(kind)s) is not recorded then.",
                        release=release.display_name,
                        state=release._workflow_state_label(release.state),
                        kind=dict(
                            self._fields["kind"]._description_selection(self.env)
                        )[line.kind],
                    )
                )
            if not (line.name or "").strip():
                raise UserError(self.env._("Say what was built or tested."))
            if not (line.url or line.file or (line.note or "").strip()):
                raise UserError(
                    self.env._(
                        "“%s” shows nothing yet. Add a link, a document or a note.",
                        line.name,
                    )
                )
            if line.kind == "customer" and not line.partner_id:
                raise UserError(
                    self.env._("Say which contact of the customer accepted it.")
                )
            if line.url and not line.url.startswith(("https://", "http://")):
                raise UserError(self.env._("A link starts with https:// or http://."))


class ItsmRelease(models.Model):
    """Evidence of a release."""

    _name = "itsm.release"
    _inherit = ["itsm.release"]

    evidence_ids = fields.One2many(
        "itsm.release.evidence", "release_id", readonly=True, copy=False
    )

    def action_record_evidence(self):
        """Open the form on which evidence is recorded, of what is due."""
        self.ensure_one()
        kind = {"building": "build"}.get(self.state, "test")
        if self.state == "acceptance" and self.kind_id.needs_customer:
            kind = "customer"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record Evidence"),
            "res_model": "itsm.release.evidence",
            "view_mode": "form",
            "target": "new",
            "context": {"default_release_id": self.id, "default_kind": kind},
        }
