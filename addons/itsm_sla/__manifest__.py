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
    "data": [
        "security/itsm_sla_groups.xml",
        "security/ir.model.access.csv",
        "security/itsm_agreement_rules.xml",
        "security/itsm_escalation_rules.xml",
        "data/itsm_agreement_data.xml",
        "data/itsm_escalation_data.xml",
        "views/itsm_agreement_views.xml",
        "views/itsm_sla_clock_views.xml",
        "views/itsm_escalation_views.xml",
        "views/helpdesk_ticket_views.xml",
        "views/itsm_service_review_views.xml",
        "views/res_partner_views.xml",
        "wizards/itsm_sla_recalculation_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "itsm_sla/static/src/**/*",
        ],
    },
    "development_status": "Beta",
}
