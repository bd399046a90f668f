from freezegun import freeze_time

from odoo.tests import new_test_user

from .rating_common import RatingCase


class ComplaintCase(RatingCase):
    """A complaint about a ticket that two agents had, and those who hear it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.former, cls.neutral, cls.owner, cls.second, cls.third = (
            new_test_user(cls.env, f"complaint.{name}", groups=group)
            for name, group in (
                ("former", "itsm_core.group_user"),
                ("neutral", "itsm_core.group_user"),
                ("owner", "itsm_core.group_user"),
                ("second", "itsm_sla.group_service_level_manager"),
                ("third", "itsm_core.group_manager"),
            )
        )
        cls.team.user_ids |= cls.former | cls.neutral
        cls.customer.itsm_relationship_owner_id = cls.owner
        cls.company.itsm_escalation_second_id = cls.second
        cls.company.itsm_escalation_third_id = cls.third
        cls.company.itsm_escalation_days = 1
        with freeze_time("2026-03-02 08:00:00") as now:
            cls.blamed = cls.env["helpdesk.ticket"].create(
                {
                    "name": "Scanner does not start",
                    "description": "Dark",
                    "team_id": cls.team.id,
                    "partner_id": cls.caller.id,
                    "user_id": cls.former.id,
                }
            )
            cls.env.flush_all()
            now.tick(3600)
            cls.blamed.user_id = cls.agent
            cls.env.flush_all()

    def _complain(self, **values):
        return self._create_ticket(
            **{
                "name": "They let me wait",
                "ticket_type": "complaint",
                "complaint_ticket_id": self.blamed.id,
                "user_id": False,
                **values,
            }
        )
