from odoo.fields import Command
from odoo.tests import tagged

from .common_release import ReleaseCase


@tagged("post_install", "-at_install")
class TestReleaseWhere(ReleaseCase):
    """Services, items and versions lead to their releases; environments tell who."""

    def _check_leads_to(self, record, releases):
        record = record.with_user(self.planner)
        record.invalidate_recordset(["release_count"])
        self.assertEqual(record.release_count, len(releases))
        action = record.action_open_releases()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, releases)

    def test_services_and_items_lead_to_their_releases(self):
        release = self._release()
        nothing = release.browse()
        self._check_leads_to(self.service, release)
        self._check_leads_to(release.change_ids.ci_ids, release)
        self._check_leads_to(self.server, nothing)
        self._check_leads_to(self.service.copy(), nothing)

    def test_two_changes_of_an_item_in_a_release_are_one_release(self):
        later = {"planned_start": False, "planned_stop": False}
        changes = self._ready_change() | self._ready_change(**later)
        release = self._release(changes=changes)
        self._check_leads_to(self.printer, release)

    def test_a_version_leads_to_the_releases_that_deliver_it(self):
        software = self.env["itsm.software"].create({"name": "Shop"})
        version = self.env["itsm.software.version"].create(
            {
                "software_id": software.id,
                "name": "1.0",
                "location": "https://library.example.com/shop-1.0",
                "checksum": "a" * 64,
            }
        )
        self._check_leads_to(version, self.env["itsm.release"])
        release = self._release(copy_ids=[Command.create({"version_id": version.id})])
        self._check_leads_to(version, release)

    def test_counting_releases_takes_as_many_queries_for_all_as_for_one(self):
        services = self.service | self.service.copy() | self.service.copy()
        services.with_user(self.planner).mapped("release_count")
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            services.mapped("release_count")

    def test_who_changed_the_order_of_environments_is_kept(self):
        self.env.flush_all()
        self.cr.precommit.run()
        stage = self.stage.with_user(self.change_manager)
        stage.write({"sequence": 77})
        self.env.flush_all()
        self.cr.precommit.run()
        said = stage.message_ids[0]
        self.assertEqual(said.author_id, self.change_manager.partner_id)
        self.assertEqual(said.sudo().tracking_value_ids.field_id.name, "sequence")
