"""A customer follows planned work on the portal, in a browser, until it is over."""

from datetime import timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.itsm_change.tests.test_change_portal import AnnouncedCase


@tagged("post_install", "-at_install")
class TestJourneyChanges(AnnouncedCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in (cls.kim, cls.nora):
            user.password = user.login

    def _tour(self, name, path="/my/changes", user=None):
        self.env.flush_all()
        self.start_tour(
            path,
            f"itsm_change_portal_{name}",
            login=(user or self.kim).login,
            timeout=120,
        )
        self.env.invalidate_all()

    def _move(self, change):
        change.write(
            {
                "planned_start": change.planned_start + timedelta(days=1),
                "planned_stop": change.planned_stop + timedelta(days=1),
            }
        )
        change.action_set_state("approval")
        change.request_validation()
        self._approve(change)
        change.action_set_state("scheduled")

    def test_a_customer_follows_a_change_until_it_is_done(self):
        change = self._announced(
            name="Replace the disk of CHG0",
            service_ids=[Command.set((self.shop | self.hidden).ids)],
            announce_title="New disks for the shop",
            announce_text="Please log out before eight.",
        )
        self._tour("announced", "/my")
        self._tour("other", f"/my/changes/{change.id}", self.nora)
        self._tour("other_home", "/my", self.nora)
        change.action_set_state("assessment")
        self._tour("delayed")
        self._move(change)
        self._tour("moved")
        work = change.with_user(self.implementer)
        work.action_set_state("implementation")
        work.action_set_state("review")
        self._tour("over")
