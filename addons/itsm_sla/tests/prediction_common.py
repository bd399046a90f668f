from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from .common import SlaCase

LIMIT = 8 * 3600
EPOCH = datetime(2026, 1, 5, 8, 0)
NOW = datetime(2026, 3, 2, 8, 0)
NIGHT = NOW.replace(hour=1)


class PredictionCase(SlaCase):
    """A record of finished tickets, put there by SQL, day and night."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        freezer = freeze_time(NIGHT)
        cls.now = freezer.start()
        cls.addClassCleanup(freezer.stop)
        cls.env.company.itsm_acknowledge_logged = False
        cls.agreement = cls._create_agreement(cls, [{"hours": LIMIT / 3600}])
        cls.target = cls.agreement.target_ids
        cls.count = 0

    @classmethod
    def _add_finished(cls, used, state="stopped", **values):
        """Add a finished ticket for each number of seconds, one opened every hour.

        :param used: seconds of service time until it was resolved
        :param str state: of the clock
        :param values: of the ticket
        """
        values = {
            "team_id": cls.team.id,
            "service_id": cls.service.id,
            "impact": "2",
            **values,
        }
        tickets = cls.env["helpdesk.ticket"].create(
            [
                {
                    "name": "Finished",
                    "description": "Text",
                    "partner_id": cls.caller.id,
                    **values,
                }
                for _ in used
            ]
        )
        cls.env.flush_all()
        cls.env["itsm.sla.clock"].search([], limit=1)
        rows = []
        for ticket, seconds in zip(tickets, used, strict=True):
            cls.count += 1
            start = EPOCH + timedelta(hours=cls.count)
            rows.append((ticket.id, start, start + timedelta(seconds=seconds), seconds))
        ids, starts, stops, used = map(list, zip(*rows, strict=True))
        cls.env.cr.execute(
            """
            CREATE TEMPORARY TABLE finished ON COMMIT DROP AS
            SELECT * FROM unnest(%s, %s::timestamp[], %s::timestamp[], %s)
                AS r(id, start, stop, used);
            UPDATE itsm_ticket_span s SET start = r.start, stop = r.stop
              FROM finished r WHERE s.ticket_id = r.id;
            INSERT INTO itsm_ticket_span
                   (ticket_id, start, itsm_state, team_id, service_id, priority)
            SELECT r.id, r.stop, %s, s.team_id, s.service_id, s.priority
              FROM finished r JOIN itsm_ticket_span s ON s.ticket_id = r.id;
            UPDATE helpdesk_ticket t SET opened_at = r.start
              FROM finished r WHERE t.id = r.id;
            UPDATE itsm_sla_clock c
               SET state = %s, start = r.start, stop = r.stop, as_of = r.stop,
                   used_seconds = r.used,
                   due = r.start + limit_seconds * interval '1 second',
                   missed_at = CASE WHEN r.used > limit_seconds
                       THEN r.start + limit_seconds * interval '1 second' END
              FROM finished r WHERE c.ticket_id = r.id;
            DROP TABLE finished
            """,
            [
                *(ids, starts, stops, used),
                "resolved" if state == "stopped" else "cancelled",
                state,
            ],
        )
        cls.env.invalidate_all()
        return tickets

    @classmethod
    def _add_record(cls, **values):
        """Add finished tickets of which the quick ones tell themselves early.

        Of 200, 120 take half an hour, 8 take 7 hours and 72 take 20: who is there
        after two hours is missed in nine of ten cases.
        """
        round_ = [1800] * 15 + [25200] + [72000] * 9
        return cls._add_finished(round_ * 8, **values)

    @classmethod
    def _learn(cls, moment, time_left=100):
        """Run the job of the night."""
        calls = []

        def commit_progress(model, *_args, **_kwargs):
            model.env.flush_all()
            calls.append(1)
            return time_left if len(calls) > 1 else 100

        cls.now.move_to(moment)
        with patch.object(cls.registry["ir.cron"], "_commit_progress", commit_progress):
            cls.env["itsm.sla.prediction"]._cron_refresh()
        return cls.env["itsm.sla.prediction"].search(
            [("company_id", "=", cls.env.company.id)]
        )

    def _open(self, **values):
        """Return an open ticket that is opened now."""
        ticket = self._create_ticket(**{"impact": "2", "urgency": "2", **values})
        self.env.flush_all()
        self.env.cr.flush()
        return ticket

    def _wait(self, **span):
        """Let some time pass, from the morning on."""
        self.now.move_to(NOW + timedelta(**span))
        self.env.invalidate_all()
