from odoo import api, fields, models
from odoo.tools import SQL


class ItsmServiceReportFigure(models.Model):
    """A figure of an issue, with the tickets that it counted.

    Read from the frozen content of the issue, so that there is one record of it.
    """

    _name = "itsm.service.report.figure"
    _description = "Figure of a Service Report"
    _auto = False
    _order = "issue_id desc, id"
    _depends = {"itsm.service.report.issue": ["company_id", "content", "date_to"]}

    issue_id = fields.Many2one("itsm.service.report.issue", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date_to = fields.Date(string="Period Until", readonly=True)
    key = fields.Char(readonly=True)
    name = fields.Char(string="Figure", readonly=True)
    value = fields.Integer(string="Tickets", readonly=True, aggregator=None)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT i.id::bigint * 100000 + f.place AS id,
                   i.id AS issue_id, i.company_id, i.date_to,
                   f.figure->>'key' AS key,
                   f.figure->>'label' AS name,
                   (f.figure->>'value')::int AS value
              FROM itsm_service_report_issue i,
                   jsonb_array_elements(i.content::jsonb->'figures')
                       WITH ORDINALITY AS f(figure, place)
            """
        )

    def action_open_tickets(self):
        """Show the tickets that the figure counted when it was frozen."""
        self.ensure_one()
        return self.issue_id._open_tickets(self.key, self.name)


class HelpdeskTicket(models.Model):
    """Tickets can be found by the figure of a report that counted them."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket"]

    service_report_figure = fields.Char(
        string="Counted by Figure",
        store=False,
        search="_search_service_report_figure",
        groups="itsm_core.group_user,itsm_core.group_auditor",
        help="The number of an issue and the key of its figure, as 12:opened.",
    )

    @api.model
    def _search_service_report_figure(self, operator, value):
        if operator != "in":
            return NotImplemented
        ids = set()
        for text in value:
            issue_id, _colon, key = str(text).partition(":")
            if not issue_id.isdecimal():
                continue
            issue = self.env["itsm.service.report.issue"].search(
                [("id", "=", int(issue_id))]
            )
            if issue:
                ids.update(issue._read_members().get(key, ()))
        return [("id", "in", list(ids))]
