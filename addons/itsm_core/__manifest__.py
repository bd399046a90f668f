{
    "name": "IT Service Management",
    "summary": "Services, configuration items, incidents, requests and the facts "
    "behind every service level",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "Services/IT Service Management",
    "author": "Odoo ITSM Suite contributors, Odoo Community Association (OCA)",
    "website": "https://github.com/OCA/helpdesk",
    "depends": [
        "base_tier_validation",
        "helpdesk_mgmt",
        "maintenance",
        "portal",
        "resource",
    ],
    "data": [
        "security/itsm_groups.xml",
        "security/ir.model.access.csv",
        "security/itsm_ci_rules.xml",
        "data/itsm_ci_class_data.xml",
        "views/itsm_menus.xml",
    ],
    "application": True,
    "development_status": "Beta",
}
