{
    "name": "IT Service Management: Purchase of Items",
    "summary": "Cost, date and supplier of configuration items from their purchase",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "Services/IT Service Management",
    "author": "Odoo ITSM Suite contributors, Odoo Community Association (OCA)",
    "website": "https://github.com/OCA/helpdesk",
    "depends": [
        "itsm_stock",
        "purchase_stock",
    ],
    "data": [
        "views/itsm_ci_views.xml",
        "views/itsm_catalog_views.xml",
    ],
    "demo": [
        "demo/itsm_purchase_demo.xml",
    ],
    "auto_install": True,
    "development_status": "Beta",
}
