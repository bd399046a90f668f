from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.local_days import to_local_day
from .itsm_agreement import EDITABLE_STATES

HOURS_KEY = "itsm_hours_of_agreements"
#: So many days of holidays are named in a note.
MAX_NAMED = 10


class ResourceCalendar(models.Model):
    """Hours that were agreed upon: who changes them changes what agreements say.

    What an acceptance covers includes the hours. Before the agreement is in force, a
    change of them makes it void; afterwards a change is a correction, such as a public
    holiday that was added, and the agreement keeps a note of it.
    """

    _name = "resource.calendar"
    _inherit = ["resource.calendar"]

    @api.model
    def _note_hours(self):
        """Remember the hours of agreements, before the first change to them.

        What has changed is told once, before the commit, however many lines of a
        calendar are rewritten.
        """
        precommit = self.env.cr.precommit
        if HOURS_KEY in precommit.data:
            return
        agreements = self._find_agreements_on_hours()
        calendars = agreements.calendar_id | agreements.target_ids.calendar_id
        precommit.data[HOURS_KEY] = calendars._read_calendar_facts()
        precommit.add(self._tell_agreements)

    @api.model
    def _find_agreements_on_hours(self):
        # sudo: agreements concern whoever changes the hours that they use.
        return (
            self.env["itsm.agreement"]
            .sudo()
            .search(
                Domain("state", "=", "active")
                | Domain("state", "in", EDITABLE_STATES)
                & Domain("accepted_by", "!=", False)
            )
        )

    @api.model
    def _tell_agreements(self):
        """Make acceptances void, or leave a note, where hours have changed."""
        before = self.env.cr.precommit.data.pop(HOURS_KEY, None)
        if not before:
            return
        # sudo: as above, and the names of calendars are no secret.
        calendars = self.sudo().browse(before).exists()
        after = calendars._read_calendar_facts()
        changes = {
            calendar: calendar._describe_change(before[calendar.id], after[calendar.id])
            for calendar in calendars
            if before[calendar.id] != after[calendar.id]
        }
        if not changes:
            return
        for agreement in self._find_agreements_on_hours():
            used = agreement.calendar_id | agreement.target_ids.calendar_id
            told = [changes[calendar] for calendar in used if calendar in changes]
            if not told:
                continue
            if agreement.state in EDITABLE_STATES:
                agreement._void_acceptance(why=" ".join(told))
            else:
                told.append(
                    self.env._(
                        "What is finished stays as it was; open tickets follow with "
                        "their next event, or when they are recalculated."
                    )
                )
                agreement._message_log(body=" ".join(told))

    def _describe_change(self, before, after):
        """Return what has changed between two CalendarFacts, in words."""
        self.ensure_one()
        parts = []
        if before.tz != after.tz:
            parts.append(
                self.env._(
                    "time zone %(old)s, now %(new)s", old=before.tz, new=after.tz
                )
            )
        if before.attendances != after.attendances:
            parts.append(self.env._("working hours"))
        gone = set(before.leaves) - set(after.leaves)
        new = set(after.leaves) - set(before.leaves)
        if new:
            parts.append(
                self.env._("closed on %(days)s", days=self._name_days(new, after.tz))
            )
        if gone:
            parts.append(
                self.env._(
                    "no longer closed on %(days)s",
                    days=self._name_days(gone, before.tz),
                )
            )
        return self.env._(
            "The hours “%(calendar)s” were changed: %(what)s.",
            calendar=self.name,
            what="; ".join(parts),
        )

    def _name_days(self, leaves, tz):
        days = sorted({to_local_day(start, tz) for start, _stop in leaves})
        text = ", ".join(format_date(self.env, day) for day in days[:MAX_NAMED])
        if len(days) > MAX_NAMED:
            text = self.env._(
                "%(days)s and %(count)s more",
                days=text,
                count=len(days) - MAX_NAMED,
            )
        return text
