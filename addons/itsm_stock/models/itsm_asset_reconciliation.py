from odoo import fields, models
from odoo.tools import SQL

FINDINGS = [
    ("no_asset", "Item Without Asset"),
    ("no_purchase", "Item Without Purchase"),
    ("lot_without_ci", "Serial Number Without Item"),
    ("equipment_without_ci", "Equipment Without Item"),
    ("wrong_serial", "Different Serial Numbers"),
]


class ItsmAssetReconciliation(models.Model):
    """Where items and what inventory and maintenance know do not agree.

    The interface to asset accounting: what is used without having been bought, and
    what was bought and nobody controls. A view, so that it is never stale.
    """

    _name = "itsm.asset.reconciliation"
    _description = "Asset Reconciliation"
    _auto = False
    _order = "finding, name, id"
    _rec_name = "name"
    _depends = {
        "itsm.ci": [
            "active",
            "class_id",
            "company_id",
            "equipment_id",
            "lifecycle_state",
            "lot_id",
            "name",
            "purchase_date",
            "serial_number",
        ],
        "itsm.ci.class": ["is_asset"],
        "maintenance.equipment": ["active", "company_id", "name", "serial_no"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["itsm_ci_class_id"],
        "stock.lot": ["company_id", "name", "product_id"],
        "stock.move.line": ["lot_id", "state"],
    }

    finding = fields.Selection(FINDINGS, readonly=True)
    name = fields.Char(readonly=True)
    serial_number = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    class_id = fields.Many2one("itsm.ci.class", readonly=True)
    ci_id = fields.Many2one("itsm.ci", string="Configuration Item", readonly=True)
    lot_id = fields.Many2one("stock.lot", string="In Inventory", readonly=True)
    equipment_id = fields.Many2one("maintenance.equipment", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT c.id * 8 AS id, 'no_asset' AS finding, c.name, c.serial_number,
                   c.company_id, c.class_id, c.id AS ci_id, NULL::int AS lot_id,
                   NULL::int AS equipment_id
              FROM itsm_ci c
              JOIN itsm_ci_class k ON k.id = c.class_id AND k.is_asset
             WHERE c.active AND c.lifecycle_state IN %(held)s
               AND c.lot_id IS NULL AND c.equipment_id IS NULL
             UNION ALL
            SELECT c.id * 8 + 1, 'no_purchase', c.name, c.serial_number, c.company_id,
                   c.class_id, c.id, c.lot_id, c.equipment_id
              FROM itsm_ci c
              JOIN itsm_ci_class k ON k.id = c.class_id AND k.is_asset
             WHERE c.active AND c.lifecycle_state IN %(held)s
               AND c.purchase_date IS NULL
             UNION ALL
            SELECT l.id * 8 + 2, 'lot_without_ci', %(product_name)s, l.name,
                   l.company_id, p.itsm_ci_class_id, NULL, l.id, NULL
              FROM stock_lot l
              JOIN product_product v ON v.id = l.product_id
              JOIN product_template p ON p.id = v.product_tmpl_id
             WHERE p.itsm_ci_class_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM itsm_ci c WHERE c.lot_id = l.id)
               AND EXISTS (SELECT FROM stock_move_line m
                            WHERE m.lot_id = l.id AND m.state = 'done')
             UNION ALL
            SELECT e.id * 8 + 3, 'equipment_without_ci', %(equipment_name)s,
                   e.serial_no, e.company_id, NULL, NULL, NULL, e.id
              FROM maintenance_equipment e
             WHERE e.active
               AND NOT EXISTS (SELECT FROM itsm_ci c WHERE c.equipment_id = e.id)
             UNION ALL
            SELECT c.id * 8 + 4, 'wrong_serial', c.name, c.serial_number, c.company_id,
                   c.class_id, c.id, c.lot_id, c.equipment_id
              FROM itsm_ci c
         LEFT JOIN stock_lot l ON l.id = c.lot_id
         LEFT JOIN maintenance_equipment e ON e.id = c.equipment_id
             WHERE c.active
               AND (l.name <> COALESCE(c.serial_number, '')
                    OR COALESCE(e.serial_no, '') NOT IN
                       ('', COALESCE(c.serial_number, '')))
            """,
            held=("in_stock", "in_use", "in_repair"),
            product_name=self._get_name_sql("p"),
            equipment_name=self._get_name_sql("e"),
        )

    def _get_name_sql(self, alias):
        """Return SQL for a translated name in the language of the reader."""
        column = SQL.identifier(alias, "name")
        return SQL(
            "COALESCE(%s ->> %s, %s ->> 'en_US')",
            column,
            self.env.lang or "en_US",
            column,
        )

    def action_open(self):
        """Open what is missing its counterpart."""
        self.ensure_one()
        return (self.ci_id or self.lot_id or self.equipment_id).get_formview_action()
