from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: What is recorded by moves and by the acceptance, and nobody writes.
FACT_FIELDS = (
    "acceptance_note",
    "accepted_by_id",
    "accepted_date",
    "build_number",
    "deployed_date",
    "involved_ids",
    "support_until",
)
# An object that no client can send: who holds it records the facts.
_KEY = object()
_KEY_NAME = "itsm_release_key"


class ItsmRelease(models.Model):
    """Who accepts a release by name, and that nobody accepts their own."""

    _name = "itsm.release"
    _inherit = ["itsm.acceptance.mixin", "itsm.release"]

    _acceptance_back = "building"

    acceptor_id = fields.Many2one(
        help="The person who says, by name, that the release is ready for production. "
        "Not who plans, owns or builds it."
    )
    acceptance_note = fields.Text(
        string="Why It Was Refused",
        readonly=True,
        help="What the person named to accept the last build found missing.",
    )
    involved_ids = fields.Many2many(
        "res.users",
        "itsm_release_involved_rel",
        "release_id",
        "user_id",
        string="Had a Part in It",
        readonly=True,
        copy=False,
        help="Who was its owner or builder at any time: they do not accept it.",
    )

    def _get_involved(self):
        """Return who made, owned or built the release, or recorded its build."""
        self.ensure_one()
        # sudo: who had a part in it does not depend on what the user may read.
        release = self.sudo()
        builds = release.evidence_ids.filtered(lambda line: line.kind == "build")
        return (
            release.involved_ids
            | release.owner_id
            | release.builder_id
            | release.create_uid
            | builds.recorded_by_id
        )

    @api.constrains("acceptor_id", "owner_id", "builder_id")
    def _check_acceptor(self):
        for release in self.filtered("acceptor_id"):
            if release.acceptor_id in release._get_involved():
                raise ValidationError(
                    self.env._(
                        "%s plans, owns or builds the release, or did so, and can "
                        "therefore not accept it. Name somebody else.",
                        release.acceptor_id.name,
                    )
                )

    def action_accept(self):
        """Accept the releases by name: they are ready for production.

        :raise UserError: unless the current user is named for it and had no part
        """
        self._check_my_acceptance()
        for release in self:
            if self.env.user in release._get_involved():
                raise UserError(
                    self.env._(
                        "You plan, own or build %s, or did so. Somebody else has to "
                        "accept it.",
                        release.display_name,
                    )
                )
        self._check_tested()
        # sudo: who is named may accept, and need not be able to write anything else.
        self.sudo()._write_facts(
            {"accepted_by_id": self.env.uid, "accepted_date": fields.Datetime.now()}
        )
        return True

    def _keep_refusal(self, reason):
        self._write_facts({"acceptance_note": reason})

    def _take_turns(self):
        """Let nobody else move or deploy these releases until the transaction ends."""
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE itsm_release SET write_date = write_date WHERE id IN %s",
            [tuple(self.ids) or (0,)],
        )
        self.invalidate_recordset()

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------

    def _write_facts(self, vals):
        return self.with_context(**{_KEY_NAME: _KEY}).write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_facts(vals)
        # Said here, so that no default of a client decides.
        facts = {**dict.fromkeys(FACT_FIELDS, False), "build_number": 1}
        releases = super().create([{**vals, **facts} for vals in vals_list])
        releases._note_involved()
        return releases

    def write(self, vals):
        keyed = self._workflow_keyed() or self.env.context.get(_KEY_NAME) is _KEY
        if not keyed:
            self._check_facts(vals)
            if "acceptor_id" in vals:
                self._check_new_acceptor(vals["acceptor_id"])
        releases = self.with_context(**{_KEY_NAME: None})
        result = super(ItsmRelease, releases).write(vals)
        if {"owner_id", "builder_id"} & vals.keys():
            releases._note_involved()
        return result

    def _note_involved(self):
        for release in self:
            new = (release.owner_id | release.builder_id) - release.involved_ids
            if new:
                release._write_facts(
                    {"involved_ids": [fields.Command.link(user.id) for user in new]}
                )

    @api.model
    def _check_facts(self, vals):
        for name in FACT_FIELDS:
            if name in vals and (
                self._workflow_changed(name, vals[name]) if self else vals[name]
            ):
                raise UserError(
                    self.env._(
                        "“%s” is recorded by the buttons of the form and cannot be "
                        "written.",
                        self._workflow_field_label(name),
                    )
                )

    def _check_new_acceptor(self, user_id):
        for release in self._workflow_changed("acceptor_id", user_id):
            if release.accepted_date:
                raise UserError(
                    self.env._("%s is accepted already.", release.display_name)
                )
