from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.itsm_import_profile import (
    ENCODINGS,
    check_date_format,
    describe_roles,
    get_timezones,
)
from ..models.itsm_ticket_span import TICKET_TYPES
from ..tools.history_mapping import NOTE, VALUE_ROLES, Mapping, make_key


class ItsmImportMapping(models.AbstractModel):
    """What the columns and values of one file mean, as a person says it."""

    _name = "itsm.import.mapping"
    _description = "Mapping of an Import"

    profile_id = fields.Many2one(
        "itsm.import.profile",
        help="What the columns and values mean. Leave empty to find one that fits.",
    )
    encoding = fields.Selection(ENCODINGS, required=True, default="utf-8")
    timezone = fields.Selection(
        get_timezones, string="Time Zone", help="Where the clock of the file hung."
    )
    source = fields.Char(
        string="Source System",
        help="The system that numbered the tickets. A ticket is loaded once for "
        "each number of a source.",
    )
    date_format = fields.Char(
        help="%d day, %m month, %Y year, %H hour (24), %I hour (12), %M minute, "
        "%S second, %p AM or PM. 'iso' stands for 2026-12-31T23:59:00+01:00.",
    )
    unknown_values = fields.Char(
        help="Texts that mean that nothing is known, separated by spaces."
    )
    ticket_type = fields.Selection(TICKET_TYPES, string="Type", default="incident")
    survey = fields.Json()
    column_ids = fields.One2many("itsm.import.wizard.column", "wizard_id")
    value_ids = fields.One2many("itsm.import.wizard.value", "wizard_id")
    missing_values = fields.Char(compute="_compute_missing_values")
    profile_name = fields.Char(string="Save as Profile")

    @api.depends("value_ids.itsm_state", "value_ids.pending_reason")
    def _compute_missing_values(self):
        for wizard in self:
            missing = [
                line.value
                for line in wizard.value_ids
                if line.role == "state" and line._get_problem()
            ]
            wizard.missing_values = ", ".join(missing)

    @api.onchange("column_ids")
    def _onchange_column_ids(self):
        self._sync_values()

    def _sync_values(self):
        """List the values of the columns whose values need a meaning."""
        survey = {column["name"]: column["values"] for column in self.survey or []}
        unknown = {make_key(text) for text in (self.unknown_values or "").split()}
        old = {(line.role, make_key(line.value)): line for line in self.value_ids}
        known = {
            (line.role, make_key(line.value)): line
            for line in self.profile_id.value_ids
        }
        commands = [Command.clear()]
        columns = self.column_ids.filtered(lambda line: line.role in VALUE_ROLES)
        for column in columns.sorted(lambda line: VALUE_ROLES.index(line.role)):
            values = survey.get(column.name) or {}
            for value, rows in sorted(values.items(), key=lambda item: -item[1]):
                key = (column.role, make_key(value))
                if not key[1] or key[1] in unknown:
                    continue
                line = old.get(key) or known.get(key)
                commands.append(
                    Command.create(
                        {
                            "role": column.role,
                            "value": value,
                            "rows": rows,
                            **(line._copy_meaning() if line else {}),
                        }
                    )
                )
        self.value_ids = commands

    def _get_mapping(self):
        """Return what the columns and values mean.

        :raise UserError: where that is not enough for a history
        """
        check_date_format(self.env, self.date_format or "")
        if not (self.source or "").strip():
            raise UserError(self.env._("Name the system that the tickets come from."))
        crowded = {column["name"] for column in self.survey if column["values"] is None}
        columns, notes = {}, []
        for line in self.column_ids.filtered("role"):
            if line.role == NOTE:
                notes.append(line.name)
            elif line.role in columns:
                raise UserError(
                    self.env._(
                        "'%(one)s' and '%(two)s' cannot both be the same: %(role)s.",
                        one=columns[line.role],
                        two=line.name,
                        role=describe_roles(self.env, [line.role]),
                    )
                )
            elif line.role in VALUE_ROLES and line.name in crowded:
                raise UserError(
                    self.env._(
                        "'%(column)s' has too many different values to give each a "
                        "meaning: it cannot be: %(role)s.",
                        column=line.name,
                        role=describe_roles(self.env, [line.role]),
                    )
                )
            else:
                columns[line.role] = line.name
        values = {}
        # What the profile knows beyond this file belongs to the mapping as well.
        for line in [*self.profile_id.value_ids, *self.value_ids]:
            meaning = line._get_meaning()
            if meaning:
                values.setdefault(line.role, {})[line.value] = meaning
        return Mapping(
            source=self.source.strip(),
            columns=columns,
            notes=notes,
            values=values,
            date_format=self.date_format,
            timezone=self.timezone or "UTC",
            unknown=(self.unknown_values or "").split(),
            ticket_type=self.ticket_type,
        )

    def action_save_profile(self):
        """Keep the mapping under a name, for the next file of this kind."""
        self.ensure_one()
        name = (self.profile_name or "").strip()
        if not name:
            raise UserError(self.env._("Give the profile a name."))
        self._get_mapping()
        Profile = self.env["itsm.import.profile"]
        profile = Profile.search([("name", "=", name)], limit=1)
        values = {
            (line.role, line.value): line._copy_meaning()
            for line in [*self.profile_id.value_ids, *self.value_ids]
            if not line._get_problem()
        }
        vals = {
            "name": name,
            "source": self.source,
            "date_format": self.date_format,
            "timezone": self.timezone,
            "encoding": self.encoding,
            "unknown_values": self.unknown_values,
            "ticket_type": self.ticket_type,
            "column_ids": [Command.clear()]
            + [
                Command.create({"name": line.name, "role": line.role})
                for line in self.column_ids.filtered("role")
            ],
            "value_ids": [Command.clear()]
            + [
                Command.create({"role": role, "value": value, **meaning})
                for (role, value), meaning in values.items()
            ],
        }
        if profile:
            profile.write(vals)
        else:
            profile = Profile.create(vals)
        self.profile_id = profile
        self.profile_name = False
        return self._reopen()
