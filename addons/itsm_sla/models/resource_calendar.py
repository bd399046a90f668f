from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.working_time import (
    CalendarFacts,
    NoWorkingTime,
    get_working_time,
    to_epoch,
)

CACHE_KEY = "itsm_calendar_facts"
CHECK_KEY = "itsm_calendar_check"


def _forget(env):
    """Read calendars, and what is measured by them, anew when next needed."""
    env.cr.cache.pop(CACHE_KEY, None)
    env["itsm.sla.clock"]._forget_agreements()


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _check_measurable(self):
        """Refuse calendars by which no time can be measured.

        :raise ValidationError: with what to do
        """
        now = to_epoch(fields.Datetime.now())
        for calendar in self:
            if calendar.flexible_hours or calendar.duration_based:
                raise ValidationError(
                    self.env._(
                        "“%(calendar)s” says how much is worked and not when, so "
                        "no deadline follows from it. Choose a calendar with fixed "
                        "hours.",
                        calendar=calendar.name,
                    )
                )
            try:
                calendar._get_working_times()[calendar.id].add(now, 1)
            except NoWorkingTime as error:
                raise ValidationError(
                    self.env._(
                        "“%(calendar)s” has no working time, so nothing would ever "
                        "be due. Give it hours, or choose another calendar.",
                        calendar=calendar.name,
                    )
                ) from error

    def _get_working_times(self):
        """Return ``{calendar id: working time}``.

        What the calendars say is read in two queries once per transaction; the
        working time is kept by the process for as long as it says the same.

        :raise NoWorkingTime: where one has no attendance
        """
        known = self.env.cr.cache.setdefault(CACHE_KEY, {})
        missing = [calendar_id for calendar_id in self.ids if calendar_id not in known]
        if missing:
            known.update(self.browse(missing)._read_calendar_facts())
        return {id_: get_working_time(known[id_]) for id_ in self.ids}

    def _read_calendar_facts(self):
        """Return ``{calendar id: CalendarFacts}``.

        Leaves count that are of no single resource and of the calendar's company;
        public holidays without a calendar count for every one of their company.
        """
        # sudo: whoever works on a ticket is told its deadline; the hours behind it
        # are no secret, and holidays of colleagues are not among them.
        calendars = self.sudo()
        calendars.flush_model()
        for model in ("resource.calendar.attendance", "resource.calendar.leaves"):
            self.env[model].sudo().flush_model()
        attendances = dict.fromkeys(self.ids, ())
        for calendar_id, *row in self.env.execute_query(
            SQL(
                """
                SELECT calendar_id, dayofweek, hour_from, hour_to, week_type
                  FROM resource_calendar_attendance
                 WHERE calendar_id = ANY(%s)
                   AND display_type IS NULL
                   AND day_period <> 'lunch'
                """,
                self.ids,
            )
        ):
            attendances[calendar_id] += (tuple(row),)
        leaves = dict.fromkeys(self.ids, ())
        for calendar_id, *row in self.env.execute_query(
            SQL(
                """
                SELECT c.id, l.date_from, l.date_to
                  FROM resource_calendar c
                  JOIN resource_calendar_leaves l
                    ON l.calendar_id = c.id
                    OR l.calendar_id IS NULL AND (
                       c.company_id IS NULL OR l.company_id = c.company_id)
                 WHERE c.id = ANY(%s)
                   AND l.resource_id IS NULL
                   AND l.time_type = 'leave'
                   AND (c.company_id IS NULL OR l.company_id IS NULL
                        OR l.company_id = c.company_id)
                """,
                self.ids,
            )
        ):
            leaves[calendar_id] += (tuple(row),)
        return {
            calendar.id: CalendarFacts.from_odoo(
                calendar.tz,
                calendar.two_weeks_calendar,
                attendances[calendar.id],
                leaves[calendar.id],
            )
            for calendar in calendars
        }

    def action_recalculate_tickets(self):
        """Preview what these hours, as they are now, change on open tickets."""
        self.ensure_one()
        return self.env["itsm.sla.recalculation"]._open(calendar_id=self.id)

    @api.constrains(
        "attendance_ids",
        "duration_based",
        "flexible_hours",
        "two_weeks_calendar",
        "tz",
    )
    def _check_used_calendar(self):
        """Keep a calendar measurable while a target is measured by it."""
        _forget(self.env)
        (self._find_used_calendars() & self)._check_measurable()

    @api.model
    def _find_used_calendars(self):
        # sudo: the agreements that use a calendar concern whoever changes it.
        used = (
            self.env["itsm.agreement.target"]
            .sudo()
            .search(
                [
                    "|",
                    ("calendar_id", "!=", False),
                    ("agreement_id.calendar_id", "!=", False),
                ]
            )
        )
        return used.calendar_id | used.agreement_id.calendar_id

    def _check_later(self):
        """Look before the commit whether calendars that are used were emptied.

        Not at once: lines that are replaced are all gone for a moment.
        """
        precommit = self.env.cr.precommit
        if CHECK_KEY not in precommit.data:
            precommit.data[CHECK_KEY] = set()
            precommit.add(self.browse()._check_changed)
        precommit.data[CHECK_KEY].update(self.ids)

    @api.model
    def _check_changed(self):
        changed = self.env.cr.precommit.data.pop(CHECK_KEY, ())
        self.browse(changed)._check_used_calendar()

    @api.model_create_multi
    def create(self, vals_list):
        calendars = super().create(vals_list)
        _forget(self.env)
        return calendars

    def write(self, vals):
        self._note_hours()
        result = super().write(vals)
        _forget(self.env)
        return result


class CalendarPartMixin(models.AbstractModel):
    """A part of a calendar: changing it makes what was read of calendars stale."""

    _name = "itsm.calendar.part.mixin"
    _description = "Part of a Calendar"

    @api.model_create_multi
    def create(self, vals_list):
        self._note_change(vals_list)
        records = super().create(vals_list)
        _forget(self.env)
        return records

    def write(self, vals):
        self._note_change([vals])
        result = super().write(vals)
        _forget(self.env)
        return result

    def unlink(self):
        self._note_change([])
        result = super().unlink()
        _forget(self.env)
        return result

    def _note_change(self, _vals_list):
        """Remember the hours of agreements before parts of them change."""
        self.env["resource.calendar"]._note_hours()


class ResourceCalendarAttendance(models.Model):
    _name = "resource.calendar.attendance"
    _inherit = ["resource.calendar.attendance", "itsm.calendar.part.mixin"]

    def write(self, vals):
        self.calendar_id._check_later()
        return super().write(vals)

    def unlink(self):
        self.calendar_id._check_later()
        return super().unlink()


class ResourceCalendarLeaves(models.Model):
    _name = "resource.calendar.leaves"
    _inherit = ["resource.calendar.leaves", "itsm.calendar.part.mixin"]

    def _note_change(self, vals_list):
        # The holidays of a colleague are nobody's service hours.
        if all(leave.resource_id for leave in self) and all(
            vals.get("resource_id", bool(self)) for vals in vals_list
        ):
            return
        super()._note_change(vals_list)
