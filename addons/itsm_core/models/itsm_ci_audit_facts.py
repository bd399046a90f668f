from odoo import fields, models
from odoo.tools import SQL

#: What an audit looks at.
FACT_FIELDS = (
    "name",
    "serial_number",
    "asset_tag",
    "location",
    "owner_id",
    "user_partner_id",
    "lifecycle_state",
)


class ItsmCiAuditFacts(models.AbstractModel):
    """What an audit looks at: expected of an item, or found of a thing."""

    _name = "itsm.ci.audit.facts"
    _description = "Facts of a Configuration Audit"

    audit_id = fields.Many2one(
        "itsm.ci.audit", required=True, ondelete="cascade", index=True
    )
    state = fields.Selection(related="audit_id.state", string="State of the Audit")
    ci_id = fields.Many2one(
        "itsm.ci", string="Item", ondelete="restrict", index=True, readonly=True
    )
    name = fields.Char()
    serial_number = fields.Char()
    asset_tag = fields.Char()
    location = fields.Char()
    owner_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain=[("share", "=", False)],
        ondelete="restrict",
        index="btree_not_null",
    )
    user_partner_id = fields.Many2one(
        "res.partner", string="Used By", ondelete="restrict", index="btree_not_null"
    )
    lifecycle_state = fields.Selection(
        lambda self: self.env["itsm.ci"]._fields["lifecycle_state"].selection,
        string="Lifecycle",
    )


class ItsmCiAuditItem(models.Model):
    """One item as it was recorded when the audit began."""

    _name = "itsm.ci.audit.item"
    _inherit = ["itsm.ci.audit.facts", "itsm.recorded.mixin"]
    _description = "Expected Item of an Audit"
    _order = "location, name, id"

    ci_id = fields.Many2one(required=True)
    class_name = fields.Char(string="Class", readonly=True)
    finding_ids = fields.One2many("itsm.ci.audit.finding", "item_id", string="Found")

    _ci_uniq = models.Constraint("UNIQUE(audit_id, ci_id)", "An item is expected once.")

    def _get_recorded_message(self):
        return self.env._(
            "What an audit expects was fixed when it began. Record what you find."
        )


class ItsmCiAudit(models.Model):
    _name = "itsm.ci.audit"
    _inherit = ["itsm.ci.audit"]

    def _freeze_expected(self):
        """Record what the items of the scope are said to be, in one query."""
        self.ensure_one()
        cis = self.env["itsm.ci"]
        cis.flush_model([*FACT_FIELDS, "class_id"])
        self.env["itsm.ci.class"].flush_model(["complete_name"])
        query = cis._search(self._get_scope_domain())
        columns = SQL(", ").join(map(SQL.identifier, FACT_FIELDS))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO itsm_ci_audit_item (
                    audit_id, ci_id, class_name, create_uid, create_date, write_uid,
                    write_date, %(columns)s)
                SELECT %(audit)s, ci.id, class.complete_name, %(user)s, %(now)s,
                       %(user)s, %(now)s, %(facts)s
                  FROM itsm_ci ci
                  JOIN itsm_ci_class class ON class.id = ci.class_id
                 WHERE ci.id IN %(scope)s
                """,
                audit=self.id,
                columns=columns,
                facts=SQL(", ").join(
                    SQL.identifier("ci", each) for each in FACT_FIELDS
                ),
                now=self.env.cr.now(),
                scope=query.subselect(),
                user=self.env.uid,
            )
        )
        self.env["itsm.ci.audit.item"].invalidate_model(flush=False)
        self.invalidate_recordset()
