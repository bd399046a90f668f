from pathlib import Path

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import file_path, plaintext2html


class ItsmDemoMeetings(models.AbstractModel):
    """Loads the meetings of the board of the demo story.

    Called by the loader of the changes and by nothing else.
    """

    _name = "itsm.demo.meetings"
    _description = "Board Meetings of the Demo Story"

    @api.model
    def _load(self, changes, keys, clock):
        """Load the meetings, held and planned.

        :param dict changes: changes of the story by key
        :param dict keys: what ``itsm.demo.changes`` finds
        :param clock: ``StoryClock``
        """
        # Here, so that nothing of the story is imported but to load it.
        from ..demo.meetings import read_meetings

        users = self.env["res.users"].browse(keys["user"].values())
        users = dict(zip(keys["user"], users, strict=True))
        for told in read_meetings(Path(file_path("itsm_change/demo")), clock):
            meeting = (
                self.env["itsm.change.meeting"]
                .with_user(users["sinclair"])
                .create(
                    {
                        "owner_id": users["sinclair"].id,
                        "date": told["date"],
                        "place": self.env._("Felixstowe, room 2"),
                    }
                )
            )
            if told["state"] == "planned":
                meeting.action_fill_agenda()
                meeting.action_invite()
            else:
                self._hold(meeting.with_user(self.env.user), told, users, changes)

    @api.model
    def _hold(self, meeting, told, users, changes):
        """Load points, votes and decisions, all of the day of the meeting."""
        chair = meeting.owner_id
        lines = self.env["itsm.change.meeting.line"].create(
            [
                {
                    "meeting_id": meeting.id,
                    "change_id": changes[point["change"]].id,
                    "sequence": place,
                    "note": point["note"],
                }
                for place, point in enumerate(told["points"], start=1)
            ]
        )
        for number, (line, point) in enumerate(
            zip(lines, told["points"], strict=True), start=1
        ):
            moment = fields.Datetime.add(meeting.date, minutes=15 * number)
            self.env["itsm.change.vote"]._load(
                [
                    {
                        "line_id": line.id,
                        "user_id": users[who].id,
                        "vote": vote,
                        "comment": comment,
                        "recorded_by_id": users[who].id,
                        "date": moment,
                    }
                    for who, vote, comment in point["votes"]
                ]
            )
            if point["decision"] != "noted":
                # As it stood then: by now it has gone on.
                line._record(topic="approval")
            line._load_decision(
                point["decision"], chair, moment, reason=point["reason"]
            )
        meeting._load_state(
            told["state"],
            attendee_ids=[Command.set([users[who].id for who in told["present"]])],
            minutes=plaintext2html("\n".join(told["minutes"])),
            opened_date=meeting.date,
            closed_date=fields.Datetime.add(meeting.date, hours=1),
        )
        self.env["itsm.demo"]._set_columns(
            meeting, create_date=fields.Datetime.add(meeting.date, days=-7)
        )
        self.env["itsm.demo"]._set_columns(
            meeting.message_ids, date=fields.Datetime.add(meeting.date, hours=1)
        )
