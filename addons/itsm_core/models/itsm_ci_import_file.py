import base64
import hashlib
import io
from itertools import islice

from odoo import Command, fields, models
from odoo.exceptions import UserError

from ..tools.ci_matching import clean, make_key
from ..tools.history_file import HistoryFile, HistoryFileError
from .itsm_ci_import_roles import (
    ATTRIBUTE,
    CLASS,
    ITEM_ROLES,
    RELATION,
    RELATION_ROLES,
    REQUIRED,
    SINGLE,
    guess_role,
)
from .itsm_ci_names import ClassNames, RelationTypeNames
from .itsm_import_errors import explain

#: Largest file in bytes, most rows, and longest cell in characters.
MAX_BYTES = 80_000_000
MAX_ROWS = 500_000
MAX_CELL = 10_000
SAMPLE = 60


class ItsmCiImportFile(models.AbstractModel):
    """How the rows of a file of items or relations become lines of an import."""

    _name = "itsm.ci.import.file"
    _description = "Reading of a File of Items"

    def _open_file(self):
        """Return the file, read as far as its heading.

        :raise UserError: in one sentence, where it cannot be used
        """
        if not self.data:
            raise UserError(self.env._("Choose a CSV file first."))
        content = base64.b64decode(self.data)
        if len(content) > MAX_BYTES:
            raise UserError(
                self.env._(
                    "The file has %(size)s MB, and %(limit)s MB are the limit. Import "
                    "it in parts.",
                    size=len(content) // 1_000_000,
                    limit=MAX_BYTES // 1_000_000,
                )
            )
        try:
            return HistoryFile(io.BytesIO(content), self.encoding)
        except HistoryFileError as error:
            raise explain(self.env, error) from error

    def _read_columns(self):
        """Propose what the columns mean, by their headings."""
        file = self._open_file()
        try:
            first = list(islice(file, 20))
        except HistoryFileError as error:
            raise explain(self.env, error) from error
        taken, commands = set(), [Command.clear()]
        for position, name in enumerate(file.header):
            values = self._guess_column(name, taken)
            cells = [row.cells[position] for row in first if not row.ragged]
            sample = next(filter(None, map(clean, cells)), "")
            commands.append(
                Command.create(
                    {
                        "name": name,
                        "position": position,
                        "sample": sample[:SAMPLE],
                        **values,
                    }
                )
            )
        # sudo: columns come from the file, people only say what they mean.
        self.sudo().write(
            {"file_name": self.file_name or "upload.csv", "column_ids": commands}
        )

    def _guess_column(self, name, taken):
        """Return the values of a column that say what it means.

        :param set taken: roles that other columns have, added to
        """
        field = "item_role" if self.kind == "item" else "relation_role"
        labels = dict(
            self.env["itsm.ci.import.column"]
            ._fields[field]
            ._description_selection(self.env)
        )
        role = guess_role(name, self.kind, labels)
        if role and role not in taken and self._knows(role):
            taken.add(role)
            return {field: role}
        if self.kind == "relation":
            return {}
        kind = RelationTypeNames(self.env).find(name)
        if kind.type_id:
            return {
                field: RELATION,
                "relation_type_id": kind.type_id,
                "is_inverse": kind.is_inverse,
            }
        key = make_key(name)
        attributes = self.env["itsm.ci.attribute"].search(fields.Domain.TRUE)
        for attribute in attributes:
            if key in (attribute.key, make_key(attribute.name)):
                return {field: ATTRIBUTE, "attribute_id": attribute.id}
        return {}

    def _knows(self, role):
        """Tell whether items have the field of a role."""
        return (
            self.kind == "relation"
            or role == CLASS
            or role in self.env["itsm.ci"]._fields
        )

    # ------------------------------------------------------------------
    # Lines
    # ------------------------------------------------------------------

    def _check_columns(self, file):
        """Refuse columns that do not fit the file, or each other."""
        names = self.column_ids.mapped("name")
        if names != file.header:
            raise UserError(
                self.env._(
                    "The columns are those of another file. Go back and read the "
                    "file again."
                )
            )
        labels = dict(ITEM_ROLES if self.kind == "item" else RELATION_ROLES)
        roles = [column._get_role() for column in self.column_ids]
        twice = {role for role in roles if role in SINGLE and roles.count(role) > 1}
        if twice:
            raise UserError(
                self.env._(
                    "Two columns cannot both be: %s.",
                    ", ".join(sorted(labels[role] for role in twice)),
                )
            )
        missing = [role for role in REQUIRED.get(self.kind, ()) if role not in roles]
        if self.kind == "item" and not {"name", "serial_number"}.intersection(roles):
            missing = ["name"]
        if missing:
            raise UserError(
                self.env._(
                    "The file lacks a column for: %(roles)s. Its columns are: "
                    "%(columns)s.",
                    roles=", ".join(labels[role] for role in missing),
                    columns=", ".join(names),
                )
            )

    def _fill_lines(self):
        """Write the rows of the file as lines; return values of the import."""
        file = self._open_file()
        self._check_columns(file)
        self._clear_lines()
        try:
            rows = self._insert(self._make_lines(file))
            if self.kind == "item" and RELATION in self.column_ids.mapped("item_role"):
                # Read twice, so that items come before the relations between them.
                self._insert(self._make_relation_lines(self._open_file()))
        except HistoryFileError as error:
            raise explain(self.env, error) from error
        if not rows:
            raise explain(self.env, HistoryFileError("no_rows"))
        total = self.env["itsm.ci.import.line"].search_count(
            [("import_id", "=", self.id), ("outcome", "=", False)]
        )
        digest = hashlib.sha256(base64.b64decode(self.data)).hexdigest()
        return {"rows_total": rows, "lines_total": total, "checksum": digest}

    def _make_lines(self, file):
        """Yield a dict for each row of the file."""
        keys = self._get_keys()
        classes = ClassNames(self.env)
        for count, row in enumerate(file, 1):
            if count > MAX_ROWS:
                raise UserError(
                    self.env._(
                        "The file has more than %s rows. Import it in parts.",
                        f"{MAX_ROWS:,}",
                    )
                )
            if not any(row.cells):
                # Spreadsheet programs leave rows of nothing but separators.
                continue
            line = {"kind": self.kind, "row": row.line}
            if row.ragged:
                line["message"] = self.env._(
                    "The row has %(cells)s cells, the heading %(columns)s. Check for "
                    "a missing or extra separator, or quotation marks.",
                    cells=len(row.cells),
                    columns=len(file.header),
                )
            elif any(len(cell) > MAX_CELL for cell in row.cells):
                line["message"] = self.env._(
                    "A cell has more than %s characters. Shorten it.", f"{MAX_CELL:,}"
                )
            else:
                cells = {
                    key: text
                    for key, cell in zip(keys, row.cells, strict=True)
                    if key and (text := cell.strip())
                }
                line["cells"] = cells
                if self.kind == "item":
                    self._add_keys(line, cells, classes)
            yield line

    def _add_keys(self, line, cells, classes):
        """Add what tells whether two rows are about the same item."""
        for name in ("name", "serial_number"):
            if name in cells:
                cells[name] = clean(cells[name])
        line["serial_key"] = make_key(cells.get("serial_number", "")) or None
        line["name_key"] = make_key(cells.get("name", "")) or None
        line["class_ref"] = (
            classes.find(cells[CLASS]).class_id if CLASS in cells else self.class_id.id
        ) or None

    def _make_relation_lines(self, file):
        """Yield a dict for each cell that names an item that is related."""
        columns = [
            (column.position, column.relation_type_id.id, column.is_inverse)
            for column in self.column_ids
            if column.item_role == RELATION
        ]
        for row in file:
            if row.ragged:
                continue
            for position, type_id, is_inverse in columns:
                if text := clean(row.cells[position])[:MAX_CELL]:
                    yield {
                        "kind": "relation",
                        "row": row.line,
                        "cells": {
                            "of_row": row.line,
                            "type_id": type_id,
                            "is_inverse": is_inverse,
                            "target": text,
                        },
                    }

    def _get_keys(self):
        """Return under which key the cells of each column are kept, or None."""
        return [
            f"properties.{column.attribute_id.key}"
            if column.item_role == ATTRIBUTE
            else None
            if column.item_role == RELATION
            else column._get_role() or None
            for column in self.column_ids
        ]
