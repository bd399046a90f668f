from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.uninstall import guard_unlink


class ItsmKeptMixin(models.AbstractModel):
    """A record with a workflow that is deleted only while it is a mere plan.

    Once it has moved, or anything refers to it, deleting would lose a fact. The
    references are found in the registry, so those of other add-ons count too; only
    those of its own parts, such as lines, do not: an adopter names their models, and
    its own links (many2many) of which the other side is no more than a mirror.
    """

    _name = "itsm.kept.mixin"
    _description = "ITSM Kept Record"

    _kept_parts = ()
    _kept_links = ()

    @guard_unlink
    def _unlink_except_kept(self):
        first = self._workflow_first()
        for record in self:
            if record[self._workflow_field] != first:
                raise UserError(
                    self.env._(
                        "%(record)s was more than a plan and cannot be deleted. Retire "
                        "it, and archive it where it should no longer be offered.",
                        record=record.display_name,
                    )
                )
        for model, record_id in self._kept_references():
            raise UserError(
                self.env._(
                    "%(record)s cannot be deleted: it is referred to by “%(model)s”. "
                    "Retire it, and archive it where it should no longer be offered.",
                    record=self.browse(record_id).display_name,
                    model=self.env[model]._description,
                )
            )

    def _kept_references(self):
        """Return ``(model, id)`` of the models that refer to a record of these."""
        self.env.flush_all()
        queries = [
            SQL(
                "(SELECT %s AS model, res_id FROM itsm_action"
                " WHERE res_model = %s AND res_id IN %s LIMIT 1)",
                "itsm.action",
                self._name,
                tuple(self.ids),
            )
        ]
        for model, table, column in self._kept_columns():
            queries.append(
                SQL(
                    "(SELECT %s, %s FROM %s WHERE %s IN %s LIMIT 1)",
                    model,
                    SQL.identifier(column),
                    SQL.identifier(table),
                    SQL.identifier(column),
                    tuple(self.ids),
                )
            )
        return self.env.execute_query(SQL(" UNION ALL ").join(queries))

    def _kept_columns(self):
        """Yield ``(model, table, column)`` of the fields that point to this model."""
        own = {self._fields[name].relation for name in self._kept_links}
        for model in self.env.registry.values():
            if model._abstract or model._transient or not model._auto:
                continue
            if model._name in self._kept_parts:
                continue
            for field in model._fields.values():
                if field.comodel_name != self._name or not field.store:
                    continue
                if field.type == "many2one":
                    yield model._name, model._table, field.name
                elif field.type == "many2many" and field.relation not in own:
                    yield model._name, field.relation, field.column2
