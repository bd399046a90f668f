{
    "name": "IT Service Level Management",
    "summary": "Agreements with customers, teams and suppliers, and exact clocks "
    "for what they promise",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "Services/IT Service Management",
    "author": "Odoo ITSM Suite contributors, Odoo Community Association (OCA)",
    "website": "https://github.com/OCA/helpdesk",
    "depends": [
        "itsm_core",
    ],
    "development_status": "Beta",
}
