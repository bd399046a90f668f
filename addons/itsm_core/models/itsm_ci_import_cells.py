from collections import defaultdict

from odoo import fields

from ..tools import cell_values
from ..tools.ci_matching import clean, make_key
from .itsm_ci_import_roles import FIELD_ROLES, WORDS

PREFIX = "properties."
#: What a decimal number may differ by without being another.
CENT = 0.005


class RefusedRowError(Exception):
    """A row that cannot be used; the text says why, for the person who imports."""


class CellReader:
    """Turns the cells of rows into values of items, typed by field and attribute."""

    def __init__(self, env, run, finder):
        """
        :param env: of the user who imports
        :param run: ``itsm.ci.import``
        :param finder: ``CiFinder``
        """
        self.env = env
        self._run = run
        self._finder = finder
        Ci = env["itsm.ci"]
        names = [name for name in FIELD_ROLES if name in Ci._fields]
        info = Ci.fields_get(names, ["string", "type", "selection", "relation"])
        self._info = {name: info[name] for name in names}
        yes, no = (make_key(env._(word)) for word in WORDS)
        self._words = (yes,), (no,)
        self._headings = {
            column.attribute_id.key: column.name for column in run.column_ids
        }
        self._found = {}
        self._shown = {}
        self._customers = set()

    def prepare(self, lines, definitions):
        """Look up all names of a batch.

        :param list lines: dicts with ``cells``, ``class_id`` and ``stored``, the
            attributes that the item has
        :param dict definitions: ``{class id: {key: definition}}`` of attributes
        """
        wanted, known = defaultdict(set), defaultdict(set)
        for line in lines:
            attributes = definitions.get(line["class_id"], {})
            for key, value in line["stored"].items():
                comodel = attributes.get(key, {}).get("comodel")
                if comodel and value:
                    known[comodel].add(value)
            for key, text in line["cells"].items():
                info = self._info.get(key)
                comodel = info.get("relation") if info else None
                if key.startswith(PREFIX):
                    definition = attributes.get(key.removeprefix(PREFIX), {})
                    comodel = definition.get("comodel")
                if comodel:
                    wanted[comodel].add(clean(text))
        for comodel, names in wanted.items():
            self._found[comodel] = self._finder.find_records(comodel, names)
            known[comodel].update(self._found[comodel].values())
        for comodel, ids in known.items():
            self._shown[comodel] = self._finder.show_records(comodel, ids)
        if "customer_id" in self._info:
            self._customers = self._finder.find_customers(
                self._found.get("res.partner", {}).values()
            )

    def read_fields(self, cells):
        """Return ``{field: value}`` of the cells of a row.

        :raise RefusedRowError: where a cell cannot be read
        """
        values = {}
        for name, info in self._info.items():
            text = cells.get(name)
            if not text:
                continue
            values[name] = self._read(info["type"], clean(text), info)
            if name == "customer_id" and values[name] not in self._customers:
                raise RefusedRowError(
                    self.env._(
                        "“%(value)s” is not a customer of services. Mark the contact "
                        "as one, or correct the cell.",
                        value=text,
                    )
                )
        return values

    def read_attributes(self, cells, definition, class_name):
        """Return ``{key: value}`` of the attributes, as they are stored.

        :param dict definition: ``{key: definition}`` of the class
        :raise RefusedRowError: where the class has no such attribute, or a cell cannot
            be read
        """
        values = {}
        for key, text in cells.items():
            if not key.startswith(PREFIX):
                continue
            key = key.removeprefix(PREFIX)
            if key not in definition:
                raise RefusedRowError(
                    self.env._(
                        "“%(class)s” has no attribute “%(attribute)s”. Leave the cell "
                        "empty, or add the attribute to the class.",
                        **{"class": class_name},
                        attribute=self._headings.get(key, key),
                    )
                )
            each = definition[key]
            if each["type"] != "text":
                text = clean(text)
            info = {**each, "relation": each.get("comodel")}
            value = self._read(each["type"], text, info)
            if each["type"] == "date":
                value = fields.Date.to_string(value)
            elif each["type"] == "datetime":
                value = fields.Datetime.to_string(value)
            values[key] = value
        return {key: values[key] for key in definition if key in values}

    def _read(self, kind, text, info):
        """Return the value of a cell.

        :raise RefusedRowError: saying what is wrong with it
        """
        run = self._run
        label = info["string"]
        try:
            match kind:
                case "integer":
                    return cell_values.read_integer(text)
                case "float" | "monetary":
                    return cell_values.read_decimal(text, run.decimal_mark)
                case "date":
                    return cell_values.read_date(text, run.date_format)
                case "datetime":
                    zone = self.env.user.tz or "UTC"
                    return cell_values.read_moment(text, run.date_format, zone)
                case "boolean":
                    return cell_values.read_boolean(text, *self._words)
                case "selection":
                    return self._read_choice(text, info["selection"])
                case "many2one":
                    return self._found[info["relation"]][text]
        except (ValueError, KeyError) as error:
            raise RefusedRowError(self._explain(kind, text, label, info)) from error
        return text

    def _read_choice(self, text, selection):
        key = make_key(text)
        for value, label in selection:
            if key in (make_key(value), make_key(label)):
                return value
        raise ValueError(text)

    def _explain(self, kind, text, label, info):
        """Return what is wrong with a cell, and how to write it."""
        values = {"field": label, "value": text[:80]}
        if kind == "many2one":
            return self._explain_record(info["relation"], values)
        if kind == "selection":
            values["choices"] = ", ".join(name for _value, name in info["selection"])
            return self.env._(
                "%(field)s: “%(value)s” is none of: %(choices)s.", **values
            )
        example = cell_values.DATE_FORMATS[self._run.date_format]
        examples = {
            "integer": "1234",
            "date": example,
            "datetime": f"{example} 23:59",
            "boolean": self.env._("yes or no"),
        }
        values["example"] = examples.get(kind, f"1234{self._run.decimal_mark}5")
        return self.env._(
            "%(field)s: “%(value)s” cannot be read. Write it like %(example)s.",
            **values,
        )

    def _explain_record(self, comodel, values):
        if comodel == "res.users":
            return self.env._(
                "%(field)s: “%(value)s” is no user of this company, or several. Write "
                "the login or e-mail address.",
                **values,
            )
        if comodel == "res.partner":
            return self.env._(
                "%(field)s: “%(value)s” is no contact, or several. Write the e-mail "
                "address.",
                **values,
            )
        return self.env._(
            "%(field)s: “%(value)s” is no item, or several. Write its serial number, "
            "and import it first where it is new.",
            **values,
        )

    # ------------------------------------------------------------------
    # What changes
    # ------------------------------------------------------------------

    def compare_fields(self, values, item):
        """Return ``({field: value}, changes)`` of what an item does not have yet.

        :param item: ``itsm.ci``, empty for a new one
        :return: changes as ``[label, old text, new text]``
        """
        different, changes = {}, []
        for name, value in values.items():
            info = self._info[name]
            old = item[name]
            if info["type"] == "many2one":
                if old.id == value:
                    continue
                # sudo: as on a form, the name of a linked record is shown.
                old_text = old.sudo().display_name or ""
                new_text = self._shown[info["relation"]][value]
            elif info["type"] == "monetary":
                if item and abs(old - value) < CENT:
                    continue
                old_text, new_text = str(old or ""), str(value)
            else:
                if (old or "") == (value or ""):
                    continue
                if name == "serial_number" and make_key(old or "") == make_key(value):
                    # Another spelling, by which the item was found.
                    continue
                labels = dict(info.get("selection") or ())
                old_text = str(labels.get(old, old) or "")
                new_text = str(labels.get(value, value))
            different[name] = value
            if item or name != "name":
                # A new item is listed by its name anyway.
                changes.append([info["string"], old_text, new_text])
        return different, changes

    def compare_attributes(self, values, definition, stored):
        """Return ``({key: value}, changes)`` of attributes that differ.

        :param dict stored: ``{key: value}`` as the database has them
        """
        different, changes = {}, []
        for key, value in values.items():
            old = stored.get(key)
            old = None if old is False and definition[key]["type"] != "boolean" else old
            if old == value or (not value and old is None):
                continue
            different[key] = value
            changes.append(
                [
                    definition[key]["string"],
                    self._show_attribute(definition[key], old),
                    self._show_attribute(definition[key], value),
                ]
            )
        return different, changes

    def _show_attribute(self, definition, value):
        if value is None or value == "":
            return ""
        if definition["type"] == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if definition["type"] == "selection":
            return str(dict(definition["selection"]).get(value, value))
        if definition["type"] == "many2one":
            shown = self._shown.get(definition["comodel"], {})
            return shown.get(value, "")
        return str(value)

    def show_class(self):
        """Return the label of the class."""
        return self.env["itsm.ci"].fields_get(["class_id"], ["string"])["class_id"][
            "string"
        ]
