from collections import defaultdict
from datetime import UTC
from tempfile import NamedTemporaryFile

from odoo import api, models

from odoo.addons.itsm_core.tools.zones import get_zone

from ..tools.report_columns import Marker
from ..tools.report_workbook import ReportWorkbook

#: Under this key the tickets of the whole sheet are remembered.
ALL = "all"
#: Tables that share a sheet with another one.
SHEETS = {
    "reasons": "attainment",
    "complaint_list": "complaints",
    "causes": "corrections",
    "target_trend": "trend",
}


class ItsmServiceReport(models.Model):
    """The workbook of an issue, written while its tickets are read."""

    _name = "itsm.service.report"
    _inherit = ["itsm.service.report"]

    @api.model
    def _read_rows(self, tickets, clocks, period, scope):
        """Yield ``(figures, cells, ticket id)`` of each ticket, piece by piece."""
        zone = get_zone(scope["zone"])
        states = dict(
            self.env["helpdesk.ticket"]
            ._fields["itsm_state"]
            ._description_selection(self.env)
        )
        # sudo: the names of customers, for those who report on all of them.
        partners = self.env["res.partner"].sudo()
        customers = {}
        marker = Marker(period)

        def local(moment):
            return moment and moment.replace(tzinfo=UTC).astimezone(zone).replace(
                tzinfo=None
            )

        for row, ticket, found in self._stream(tickets, clocks):
            ticket_id, number, title, state, opened, finished, rating, customer = row
            if customer and customer not in customers:
                customers[customer] = partners.browse(customer).display_name
            keys, cells = marker.mark(ticket, found)
            yield (
                keys,
                {
                    **cells,
                    "number": number or "",
                    "title": title or "",
                    "state": states.get(state, ""),
                    "opened_at": local(opened),
                    "finished_at": local(finished),
                    "customer": customers.get(customer),
                    "rating": rating if ticket.rated is not None else None,
                },
                ticket_id,
            )

    @api.model
    def _make_workbook(self, content, columns, words, rows, members):
        """Return the workbook of an issue.

        :param members: takes the ids of the tickets of each figure, and of all
        :rtype: bytes
        """

        def remember():
            for keys, cells, ticket_id in rows:
                members[ALL].append(ticket_id)
                for key in keys:
                    members[key].append(ticket_id)
                yield cells

        with NamedTemporaryFile(suffix=".xlsx") as file:
            book = ReportWorkbook(file.name, words)
            explanation = (
                [words["explanation"], content["explanation"]]
                if content["explanation"]
                else []
            )
            book.write_cover(
                content["title"],
                content["head"],
                [words["adjusted_note"], *explanation],
            )
            places = {}
            for tables in self._divide(content["tables"]):
                places |= book.write_tables(tables[0]["title"], tables)
            book.write_charts(self._get_charts(content["tables"], places))
            book.write_figures(
                [
                    (figure["label"], figure["value"], figure["where"])
                    for figure in content["figures"]
                ]
            )
            book.write_tickets(columns, remember())
            book.close()
            file.seek(0)
            return file.read()

    @api.model
    def _divide(self, tables):
        """Return the tables of each sheet of the workbook."""
        together = defaultdict(list)
        for table in tables:
            name = table["key"].split("/")[0]
            together[SHEETS.get(name, name)].append(table)
        return list(together.values())

    @api.model
    def _get_charts(self, tables, places):
        titles = {table["key"]: table["title"] for table in tables}
        bars = {"type": "column"}
        return [
            {
                "title": titles["attainment"],
                "type": bars,
                "place": places["attainment"],
                "series": [6, 7],
                "lines": [1],
                "kind": "percent",
            },
            {
                "title": titles["trend"],
                "type": bars,
                "place": places["trend"],
                "series": [1, 2, 4],
                "kind": "count",
            },
            {
                "title": f"{titles['trend']}: %",
                "type": {"type": "line"},
                "place": places["trend"],
                "series": [5, 6],
                "kind": "percent",
            },
            *(
                {
                    "title": titles[f"workload/{name}"],
                    "type": bars,
                    # Without the row of totals.
                    "place": (
                        *places[f"workload/{name}"][:2],
                        places[f"workload/{name}"][2] - 1,
                    ),
                    "series": [1, 2, 4],
                    "kind": "count",
                }
                for name in ("type", "priority", "service")
            ),
        ]
