{
    "name": "IT Service Management: Employees",
    "summary": "The items that employees use, and their return when they leave",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "category": "Services/IT Service Management",
    "author": "Odoo ITSM Suite contributors, Odoo Community Association (OCA)",
    "website": "https://github.com/OCA/helpdesk",
    "depends": [
        "hr",
        "itsm_core",
    ],
    "data": [
        "views/hr_employee_views.xml",
    ],
    "auto_install": True,
    "development_status": "Beta",
}
