from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

FINDINGS = [
    ("no_asset", "Item Without Asset"),
    ("no_purchase", "Item Without Purchase"),
    ("lot_without_ci", "Serial Number Without Item"),
    ("equipment_without_ci", "Equipment Without Item"),
    ("wrong_serial", "Different Serial Numbers"),
    ("same_serial", "Serial Number Twice"),
    ("wrong_state", "Not as Inventory Says"),
    ("kept_equipment", "Retired Item, Kept Equipment"),
]
#: Items that somebody has.
HELD = ("in_stock", "in_use", "in_repair")


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
            "stock_location_id",
        ],
        "itsm.ci.class": ["is_asset"],
        "maintenance.equipment": ["active", "company_id", "name", "serial_no"],
        "product.product": ["product_tmpl_id"],
        "product.template": ["itsm_ci_class_id"],
        "stock.location": ["itsm_lifecycle"],
        "stock.lot": ["company_id", "name", "product_id"],
        "stock.move.line": ["lot_id", "quantity", "state"],
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
        # Eight kinds of findings, so that what is eight times an id tells them apart.
        return SQL(
            "%s UNION ALL %s UNION ALL %s",
            self._get_items_sql(),
            self._get_lots_sql(),
            self._get_equipment_sql(),
        )

    def _get_items_sql(self):
        return SQL(
            """
            SELECT c.id * 8 + f.number AS id, f.finding, c.name, c.serial_number,
                   c.company_id, c.class_id, c.id AS ci_id, c.lot_id, c.equipment_id
              FROM itsm_ci c
              JOIN itsm_ci_class k ON k.id = c.class_id
         LEFT JOIN maintenance_equipment e ON e.id = c.equipment_id
         LEFT JOIN stock_lot l ON l.id = c.lot_id
         LEFT JOIN stock_location s ON s.id = c.stock_location_id
         LEFT JOIN (SELECT serial_number, class_id, COALESCE(company_id, 0) AS company
                      FROM itsm_ci
                     WHERE active AND lifecycle_state != 'retired'
                       AND serial_number != ''
                  GROUP BY 1, 2, 3 HAVING count(*) > 1) d
                ON d.serial_number = c.serial_number AND d.class_id = c.class_id
               AND d.company = COALESCE(c.company_id, 0)
        CROSS JOIN LATERAL (VALUES
                   (0, 'no_asset', k.is_asset AND c.lifecycle_state IN %(held)s
                       AND c.lot_id IS NULL AND e.active IS NOT TRUE),
                   (1, 'no_purchase', k.is_asset AND c.lifecycle_state IN %(held)s
                       AND c.purchase_date IS NULL),
                   (4, 'wrong_serial', c.lifecycle_state != 'retired'
                       AND (l.name != COALESCE(c.serial_number, '')
                            OR COALESCE(e.serial_no, '') NOT IN
                               ('', COALESCE(c.serial_number, '')))),
                   (5, 'same_serial', c.lifecycle_state != 'retired'
                       AND d.class_id IS NOT NULL),
                   (6, 'wrong_state', c.lifecycle_state !=
                       COALESCE(s.itsm_lifecycle, 'in_stock') AND s.id IS NOT NULL),
                   (7, 'kept_equipment', c.lifecycle_state = 'retired' AND e.active)
                 ) f (number, finding, holds)
             WHERE c.active AND f.holds
            """,
            held=HELD,
        )

    def _get_lots_sql(self):
        return SQL(
            """
            SELECT l.id * 8 + 2, 'lot_without_ci', %s, l.name, l.company_id,
                   p.itsm_ci_class_id, NULL, l.id, NULL
              FROM stock_lot l
              JOIN product_product v ON v.id = l.product_id
              JOIN product_template p ON p.id = v.product_tmpl_id
             WHERE p.itsm_ci_class_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM itsm_ci c WHERE c.lot_id = l.id
                                  AND (c.active OR c.lifecycle_state = 'retired'))
               AND EXISTS (SELECT FROM stock_move_line m
                            WHERE m.lot_id = l.id AND m.state = 'done'
                              AND m.quantity > 0)
            """,
            self._get_name_sql("p"),
        )

    def _get_equipment_sql(self):
        return SQL(
            """
            SELECT e.id * 8 + 3, 'equipment_without_ci', %s, e.serial_no, e.company_id,
                   NULL, NULL, NULL, e.id
              FROM maintenance_equipment e
             WHERE e.active
               AND NOT EXISTS (SELECT FROM itsm_ci c WHERE c.equipment_id = e.id
                                  AND (c.active OR c.lifecycle_state = 'retired'))
            """,
            self._get_name_sql("e"),
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
        """Open what is missing its counterpart.

        :raise UserError: for whoever may not see it
        """
        self.ensure_one()
        record = self.ci_id or self.lot_id or self.equipment_id
        if not record.has_access("read"):
            raise UserError(
                self.env._(
                    "“%(name)s” is kept in %(where)s, which you may not open. Ask "
                    "somebody who works there.",
                    name=self.serial_number or self.name,
                    where=self.env["ir.model"]._get(record._name).name,
                )
            )
        return record.get_formview_action()

    def action_make_items(self):
        """Make items of the chosen serial numbers that have none.

        :raise UserError: there is none among the chosen
        """
        self.env["itsm.ci"].check_access("create")
        lots = self.filtered(lambda line: line.finding == "lot_without_ci").lot_id
        if not lots:
            raise UserError(
                self.env._(
                    "Choose lines that say “Serial Number Without Item”. For "
                    "equipment, open the line and press “Add to Configuration”."
                )
            )
        # sudo: whoever may make items need not see inventory.
        lots.sudo().itsm_ci_ids.active = True
        lots._sync_itsm_items()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
