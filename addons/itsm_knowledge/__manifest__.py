{
    "name": "IT Knowledge Base",
    "summary": "Articles for staff, customers of a service or all, offered on tickets "
    "and read on the portal",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "Services/IT Service Management",
    "author": "Odoo ITSM Suite contributors, Odoo Community Association (OCA)",
    "website": "https://github.com/OCA/helpdesk",
    "depends": [
        "document_page",
        "itsm_core",
    ],
    "data": [
        "security/ir.model.access.csv",
        "security/itsm_knowledge_rules.xml",
        "views/document_page_views.xml",
        "views/itsm_knowledge_gap_views.xml",
        "views/itsm_knowledge_menus.xml",
        "views/helpdesk_ticket_views.xml",
        "views/itsm_linked_views.xml",
        "views/res_config_settings_views.xml",
        "views/portal_knowledge_templates.xml",
    ],
    "assets": {
        "web.assets_tests": [
            "itsm_knowledge/static/tests/tours/**/*",
        ],
    },
    "demo": [
        "demo/itsm_demo_story.xml",
    ],
    "development_status": "Beta",
}
