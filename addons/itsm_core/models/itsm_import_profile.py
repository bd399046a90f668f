from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import history_clock, history_mapping
from .helpdesk_ticket_stage import ITSM_STATES
from .itsm_priority_rule import LEVELS, PRIORITIES
from .itsm_ticket_span import PENDING_REASONS, TICKET_TYPES

ROLES = [
    ("number", "Ticket Number"),
    ("state", "State"),
    ("changed_at", "Changed On (of this row)"),
    ("opened_at", "Opened On"),
    ("resolved_at", "Resolved On"),
    ("closed_at", "Closed On"),
    ("team", "Team"),
    ("assignee", "Assignee"),
    ("caller", "Caller"),
    ("category", "Category"),
    ("subcategory", "Subcategory"),
    ("impact", "Impact"),
    ("urgency", "Urgency"),
    ("priority", "Priority"),
    ("ticket_type", "Type"),
    ("channel", "Channel"),
    ("service", "Service"),
    ("ci", "Configuration Item"),
    ("resolution_code", "Resolution Code"),
    ("resolution", "Resolution"),
    ("title", "Title"),
    ("description", "Description"),
    ("reopen_count", "Reopen Count"),
    ("note", "Keep in the Description"),
]
VALUE_ROLES = [
    ("state", "State"),
    ("impact", "Impact"),
    ("urgency", "Urgency"),
    ("priority", "Priority"),
    ("ticket_type", "Type"),
]
ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("cp1252", "Western European (Windows-1252)"),
    ("iso8859-15", "Western European (ISO-8859-15)"),
    ("cp1250", "Central European (Windows-1250)"),
    ("cp1251", "Cyrillic (Windows-1251)"),
    ("cp1254", "Turkish (Windows-1254)"),
    ("shift_jis", "Japanese (Shift JIS)"),
    ("gb18030", "Chinese (GB 18030)"),
]


@lru_cache
def _list_timezones():
    return sorted(available_timezones())


def get_timezones(_env):
    """Return the names of all time zones as a selection."""
    return [(name, name) for name in _list_timezones()]


class ItsmImportProfile(models.Model):
    """What the columns and values of one kind of file mean."""

    _name = "itsm.import.profile"
    _description = "Import Profile"
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    source = fields.Char(
        string="Source System",
        required=True,
        help="The system that numbered the tickets. A ticket is loaded once for "
        "each number of a source.",
    )
    date_format = fields.Char(
        required=True,
        default="%d-%m-%Y %H:%M",
        help="%d day, %m month, %Y year, %H hour (24), %I hour (12), %M minute, "
        "%S second, %p AM or PM. 'iso' stands for 2026-12-31T23:59:00+01:00.",
    )
    timezone = fields.Selection(
        get_timezones,
        string="Time Zone",
        required=True,
        default="UTC",
        help="Where the clock hung from which the file took its times.",
    )
    encoding = fields.Selection(ENCODINGS, required=True, default="utf-8")
    unknown_values = fields.Char(
        help="Texts that mean that nothing is known, separated by spaces. Empty "
        "cells always do.",
    )
    ticket_type = fields.Selection(
        TICKET_TYPES,
        string="Type",
        required=True,
        default="incident",
        help="Of tickets whose rows do not tell.",
    )
    column_ids = fields.One2many("itsm.import.profile.column", "profile_id", copy=True)
    value_ids = fields.One2many("itsm.import.profile.value", "profile_id", copy=True)

    @api.constrains("date_format")
    def _check_date_format(self):
        for profile in self:
            check_date_format(self.env, profile.date_format)

    @api.constrains("column_ids")
    def _check_columns(self):
        for profile in self:
            missing = set(history_mapping.REQUIRED_ROLES) - set(
                profile.column_ids.mapped("role")
            )
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(profile)s has no column for: %(roles)s.",
                        profile=profile.name,
                        roles=describe_roles(self.env, missing),
                    )
                )

    def _get_mapping(self, timezone=None):
        """Return what this profile says, without Odoo.

        :param str timezone: another time zone than the profile's
        :rtype: odoo.addons.itsm_core.tools.history_mapping.Mapping
        """
        self.ensure_one()
        if timezone and timezone not in _list_timezones():
            raise UserError(
                self.env._(
                    "There is no time zone '%s'. Write it like Europe/Berlin or UTC.",
                    timezone,
                )
            )
        columns = {
            line.role: line.name
            for line in self.column_ids
            if line.role != history_mapping.NOTE
        }
        values = {}
        for line in self.value_ids:
            values.setdefault(line.role, {})[line.value] = line._get_meaning()
        return history_mapping.Mapping(
            source=self.source,
            columns=columns,
            notes=[
                line.name
                for line in self.column_ids
                if line.role == history_mapping.NOTE
            ],
            values=values,
            date_format=self.date_format,
            timezone=timezone or self.timezone,
            unknown=(self.unknown_values or "").split(),
            ticket_type=self.ticket_type,
        )

    @api.model
    def _guess(self, header):
        """Return the profile that fits the columns of a file best, or none.

        :param list header: names of the columns
        """
        fitting = [
            (len(profile.column_ids), -profile.id, profile)
            for profile in self.search(fields.Domain.TRUE)
            if profile.column_ids and not profile._get_mapping().missing_in(header)
        ]
        return max(fitting)[2] if fitting else self.browse()


class ItsmImportColumnMixin(models.AbstractModel):
    """A column and the role it plays."""

    _name = "itsm.import.column.mixin"
    _description = "Column of an Import"

    name = fields.Char(string="Column", required=True)
    role = fields.Selection(ROLES, string="Meaning")


class ItsmImportProfileColumn(models.Model):
    _name = "itsm.import.profile.column"
    _inherit = "itsm.import.column.mixin"
    _description = "Column of an Import Profile"
    _order = "id"

    profile_id = fields.Many2one(
        "itsm.import.profile", required=True, ondelete="cascade", index=True
    )
    role = fields.Selection(required=True)

    _role_once = models.UniqueIndex(
        "(profile_id, role) WHERE role <> 'note'",
        "Two columns cannot have the same meaning.",
    )


class ItsmImportValueMixin(models.AbstractModel):
    """A value of a column and what it stands for."""

    _name = "itsm.import.value.mixin"
    _description = "Value of an Import"

    role = fields.Selection(VALUE_ROLES, string="Column", required=True)
    value = fields.Char(string="Value in the File", required=True)
    itsm_state = fields.Selection(ITSM_STATES, string="State")
    pending_reason = fields.Selection(PENDING_REASONS, string="Waiting For")
    level = fields.Selection(LEVELS)
    priority = fields.Selection(PRIORITIES)
    ticket_type = fields.Selection(TICKET_TYPES, string="Type")

    def _get_meaning(self):
        """Return what the value stands for, as the mapping wants it; or None."""
        self.ensure_one()
        if self.role == "state":
            reason = self.pending_reason if self.itsm_state == "pending" else None
            return [self.itsm_state, reason or None] if self.itsm_state else None
        if self.role in ("impact", "urgency"):
            return self.level or None
        return self[self.role] or None

    def _copy_meaning(self):
        """Return the values of the fields that say what it stands for."""
        return {
            "itsm_state": self.itsm_state,
            "pending_reason": self.pending_reason,
            "level": self.level,
            "priority": self.priority,
            "ticket_type": self.ticket_type,
        }

    def _get_problem(self):
        """Return what is missing for the value to be used, or None."""
        if not self._get_meaning():
            return self.env._("'%s' has no meaning yet.", self.value)
        if self.itsm_state == "pending" and not self.pending_reason:
            return self.env._("Say what '%s' waits for.", self.value)
        return None


class ItsmImportProfileValue(models.Model):
    _name = "itsm.import.profile.value"
    _inherit = "itsm.import.value.mixin"
    _description = "Value of an Import Profile"
    _order = "id"

    profile_id = fields.Many2one(
        "itsm.import.profile", required=True, ondelete="cascade", index=True
    )

    _value_once = models.UniqueIndex(
        "(profile_id, role, value)", "This value has a meaning already."
    )

    @api.constrains("role", "itsm_state", "pending_reason", "level", "priority")
    def _check_meaning(self):
        for line in self:
            problem = line._get_problem()
            if problem:
                raise ValidationError(problem)


def check_date_format(env, date_format):
    """Refuse a format in which dates cannot be read.

    :raise ValidationError: saying what is missing
    """
    if date_format == history_clock.ISO:
        return
    sample = fields.Datetime.to_datetime("2026-12-31 23:59:00")
    try:
        text = sample.replace(tzinfo=ZoneInfo("UTC")).strftime(date_format)
        clock = history_clock.LocalClock("UTC", date_format)
        read = clock.interpret(text)[0]
    except ValueError:
        read = None
    if read != sample:
        raise ValidationError(
            env._(
                "'%s' does not tell day, month, year, hour and minute. Write the "
                "format like %%d-%%m-%%Y %%H:%%M, or 'iso'.",
                date_format,
            )
        )


def describe_roles(env, roles):
    """Return the labels of roles as a text."""
    labels = dict(
        env["itsm.import.profile.column"]._fields["role"]._description_selection(env)
    )
    return ", ".join(label for role, label in labels.items() if role in roles)
