from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import new_test_user

from .common import SlaCase

MONDAY = datetime(2026, 3, 2, 8, 0)


class MissCase(SlaCase):
    """A ticket of the agent that has missed its target of four hours."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_manager = new_test_user(
            cls.env,
            "sla.second",
            groups="itsm_sla.group_service_level_manager",
            tz="UTC",
        )
        cls.late = cls.env.ref("itsm_sla.miss_reason_supplier")

    def setUp(self):
        super().setUp()
        self.agreement = self._create_agreement()
        self.target = self.agreement.target_ids
        freezer = freeze_time(MONDAY)
        self.now = freezer.start()
        self.addCleanup(freezer.stop)
        self.ticket = self._create_ticket(user_id=self.agent.id)
        self.now.tick(timedelta(hours=5))

    def _explain(self, user=None, ticket=None, **values):
        return (
            self.env["itsm.sla.miss"]
            .with_user(user or self.agent)
            .create(
                {
                    "ticket_id": (ticket or self.ticket).id,
                    "target_id": self.target.id,
                    **values,
                }
            )
        )

    def _request(self, user=None, **values):
        miss = self._explain(user, justification="Power cut in town.", **values)
        miss.action_set_state("requested")
        return miss

    def _rows(self, *domain):
        return self.env["itsm.sla.attainment"].search(
            [("agreement_id", "=", self.agreement.id), *domain]
        )
