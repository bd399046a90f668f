from collections import defaultdict

from odoo import models

ATTRIBUTES = "properties"


class ItsmAttributeHistoryMixin(models.AbstractModel):
    """Changes of attributes in the history of a record, and of many records at once.

    Odoo tells of a property only when its definition goes away. Here each attribute
    that changes is told with its old and new value, as fields are. A batch of records
    costs as many queries as one.

    To be inherited before ``mail.thread``.
    """

    _name = "itsm.attribute.history.mixin"
    _description = "History of Attributes"

    def _track_prepare(self, fields_iter):
        super()._track_prepare([name for name in fields_iter if name != ATTRIBUTES])
        if ATTRIBUTES not in fields_iter:
            return
        kept = self.env.cr.precommit.data.get(f"mail.tracking.{self._name}", {})
        # None: nothing is told of records that were created just now.
        records = self.filtered(
            lambda record: (
                kept.get(record.id) is not None and ATTRIBUTES not in kept[record.id]
            )
        )
        for record, attributes in records._read_attributes().items():
            kept[record.id][ATTRIBUTES] = attributes

    def _read_attributes(self):
        """Return ``{record: [definition with value, ...]}``, whatever the number."""
        lists = self._fields[ATTRIBUTES].convert_to_read_multi(
            [record[ATTRIBUTES] for record in self], self
        )
        return dict(zip(self, lists, strict=True))

    def _message_track(self, fields_iter, initial_values_dict):
        """Tell the changes of all records in one go.

        Like the method it overrides, which takes two queries for each record. These
        models have no subtypes, so nothing is posted to followers.
        """
        if not fields_iter:
            return {}
        labels = self.fields_get(
            fields_iter, attributes=("string", "type", "selection", "currency_field")
        )
        attributes = labels.pop(ATTRIBUTES, None)
        records = self.exists()
        now = records._read_attributes() if attributes else {}
        tracking = {}
        for record in records:
            before = initial_values_dict[record.id]
            changes, values = record._mail_track(labels, before)
            if attributes and ATTRIBUTES in before:
                told = record._track_attributes(
                    before[ATTRIBUTES], now[record], attributes
                )
                if told:
                    changes.add(ATTRIBUTES)
                    values.extend(told)
            tracking[record.id] = changes, values
        records._log_tracking(tracking)
        return tracking

    def _track_attributes(self, before, after, label):
        """Return commands that tell which attributes changed.

        :param list before: definitions with values, as properties are read
        :param list after: the same, after the change
        :param dict label: how the field of attributes is shown
        """
        tracking = self.env["mail.tracking.value"]
        before = {each["name"]: each for each in before}
        after = {each["name"]: each for each in after}
        told = []
        # The last one told is shown first.
        for name in reversed({**after, **before}):
            definition = after.get(name) or before[name]
            old = before.get(name, {}).get("value") or False
            new = after.get(name, {}).get("value") or False
            if old == new or definition["type"] in ("separator", "html"):
                continue
            values = tracking._create_tracking_values(
                old,
                new,
                ATTRIBUTES,
                {
                    **label,
                    "type": definition["type"],
                    "selection": definition.get("selection"),
                },
                self,
            )
            values["field_info"] = {
                "desc": definition["string"],
                "name": ATTRIBUTES,
                "type": definition["type"],
            }
            told.append((0, 0, values))
        return told

    def _log_tracking(self, tracking):
        """Write down what changed, as one message for each record."""
        data = self.env.cr.precommit.data
        bodies = data.pop(f"mail.tracking.message.{self._name}", {})
        authors = data.pop(f"mail.tracking.author.{self._name}", {})
        by_author = defaultdict(self.browse)
        for record in self:
            if tracking[record.id][1]:
                author = authors.get(record.id)
                by_author[author.id if author else None] |= record
        commands = []
        for author_id, records in by_author.items():
            messages = records._message_log_batch(
                {
                    record.id: bodies[record.id]
                    if record.id in bodies
                    else record._track_get_default_log_message(tracking[record.id][0])
                    for record in records
                },
                author_id=author_id,
            )
            for record, message in zip(records, messages, strict=True):
                for _code, _id, values in tracking[record.id][1]:
                    commands.append({**values, "mail_message_id": message.id})
        # sudo: as Odoo does, nobody has the right to write what is told of changes.
        self.env["mail.tracking.value"].sudo().create(commands)


class MailTrackingValue(models.Model):
    _inherit = "mail.tracking.value"

    def _tracking_value_format_model(self, model):
        formatted = super()._tracking_value_format_model(model)
        if isinstance(self.env.get(model), ItsmAttributeHistoryMixin):
            for value in formatted:
                # Odoo shows of a property only what it was, for it goes away.
                value["fieldInfo"]["isPropertyField"] = False
        return formatted
