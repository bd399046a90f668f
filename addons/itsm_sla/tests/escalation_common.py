from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import new_test_user

from .common import SlaCase

MONDAY = datetime(2026, 3, 2, 8, 0)
#: Before any ticket of these tests.
LONG_AGO = datetime(2026, 1, 1)


class EscalationCase(SlaCase):
    """Rules that hold since January, and the job that lets them act."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # What comes with the add-on is tested where it is wanted.
        cls.env["itsm.escalation.rule"].search([]).active = False
        cls.leader = new_test_user(
            cls.env, "sla.leader", groups="itsm_core.group_user", tz="UTC"
        )
        cls.team.user_id = cls.leader
        cls.time_left = 60

    def _create_rule(self, since=LONG_AGO, **values):
        with freeze_time(since):
            return self.env["itsm.escalation.rule"].create(
                {"name": "Tell the leader", "notify_leader": True, **values}
            )

    def _run(self, moment):
        """Run the job at a moment, and return what it recorded."""

        def commit_progress(model, *_args, **_kwargs):
            model.env.flush_all()
            model.env.cr.flush()
            return self.time_left

        Escalation = self.env["itsm.escalation"]
        before = Escalation.search([])
        with (
            patch.object(self.registry["ir.cron"], "_commit_progress", commit_progress),
            freeze_time(moment),
        ):
            Escalation._cron_escalate()
        return Escalation.search([]) - before

    def _notes(self, ticket):
        """Return the text of what was noted in a ticket about escalations."""
        return [
            message.body
            for message in ticket.message_ids
            if "Escalated by" in str(message.body)
        ]
