from odoo import fields, models


class ItsmReleaseContentMixin(models.AbstractModel):
    """What releases are about: how many there are, and the way to them."""

    _name = "itsm.release.content.mixin"
    _description = "Content of Releases"

    release_count = fields.Integer(string="Releases", compute="_compute_release_count")

    def _compute_release_count(self):
        counts = self._count_releases()
        for record in self:
            record.release_count = counts.get(record._origin, 0)

    def _count_releases(self):
        """Return ``{record: number of releases}``."""
        raise NotImplementedError

    def _get_release_domain(self):
        """Return the domain of the releases that are about the record."""
        raise NotImplementedError

    def action_open_releases(self):
        """Open the releases that are about the record, with their states."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Releases of %s", self.display_name),
            "res_model": "itsm.release",
            "view_mode": "list,form,calendar",
            "domain": self._get_release_domain(),
            "context": {"create": False},
        }


class ItsmCi(models.Model):
    """The releases whose changes touch an item."""

    _name = "itsm.ci"
    _inherit = ["itsm.release.content.mixin", "itsm.ci"]

    def _count_releases(self):
        return dict(
            self.env["itsm.change"]._read_group(
                [("ci_ids", "in", self.ids), ("release_id", "!=", False)],
                ["ci_ids"],
                ["release_id:count_distinct"],
            )
        )

    def _get_release_domain(self):
        return [("change_ids.ci_ids", "in", self.ids)]


class ItsmService(models.Model):
    """The releases that bring something to the users of a service."""

    _name = "itsm.service"
    _inherit = ["itsm.release.content.mixin", "itsm.service"]

    def _count_releases(self):
        return dict(
            self.env["itsm.release"]._read_group(
                [("service_ids", "in", self.ids)], ["service_ids"], ["__count"]
            )
        )

    def _get_release_domain(self):
        return [("service_ids", "in", self.ids)]


class ItsmSoftwareVersion(models.Model):
    """The releases that deliver a version from the software library."""

    _name = "itsm.software.version"
    _inherit = ["itsm.release.content.mixin", "itsm.software.version"]

    def _count_releases(self):
        return dict(
            self.env["itsm.release.copy"]._read_group(
                [("version_id", "in", self.ids)], ["version_id"], ["__count"]
            )
        )

    def _get_release_domain(self):
        return [("copy_ids.version_id", "in", self.ids)]
