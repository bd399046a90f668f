{
    "name": "IT Service Management: Inventory",
    "summary": "Configuration items from goods received, in step with where they are",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "Services/IT Service Management",
    "author": "Odoo ITSM Suite contributors, Odoo Community Association (OCA)",
    "website": "https://github.com/OCA/helpdesk",
    "depends": [
        "itsm_core",
        "stock",
    ],
    "data": [
        "security/ir.model.access.csv",
        "security/itsm_asset_reconciliation_rules.xml",
        "views/itsm_asset_reconciliation_views.xml",
        "views/itsm_ci_views.xml",
        "views/itsm_catalog_views.xml",
        "views/product_template_views.xml",
        "views/stock_location_views.xml",
        "views/stock_lot_views.xml",
    ],
    "demo": [
        "demo/itsm_inventory_demo.xml",
    ],
    "auto_install": True,
    "development_status": "Beta",
}
