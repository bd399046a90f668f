from odoo import api, models


class ItsmServiceReport(models.Model):
    """The words of a report, in the language in which it is made."""

    _name = "itsm.service.report"
    _inherit = ["itsm.service.report"]

    @api.model
    def _get_words(self):
        """Return headings and names of figures by key, as ``report_tables`` wants."""
        _ = self.env._
        return {
            # Tables
            "table/summary": _("Summary"),
            "table/attainment": _("Attainment Against Goal"),
            "table/reasons": _("Reasons for Misses"),
            "table/workload/type": _("Workload by Type"),
            "table/workload/priority": _("Workload by Priority"),
            "table/workload/service": _("Workload by Service"),
            "table/trend": _("Twelve Months"),
            "table/target_trend": _("Targets over Twelve Months (Adjusted)"),
            "table/majors": _("Major Incidents"),
            "table/satisfaction": _("Satisfaction"),
            "table/complaints": _("Complaints"),
            "table/complaint_list": _("List of Complaints"),
            "table/reviews": _("Service Reviews"),
            "table/actions": _("Open Actions"),
            "table/corrections": _("Corrections to the Previous Issue"),
            "table/causes": _("What Has Happened since the Previous Issue"),
            # Figures
            "opened": _("Opened"),
            "resolved": _("Resolved"),
            "cancelled": _("Cancelled"),
            "backlog": _("Open at the End"),
            "backlog_start": _("Open at the Start"),
            "majors": _("Major incidents"),
            "complaints": _("Complaints"),
            "rated": _("Rated"),
            "average": _("Average rating (1 to 5)"),
            "goals_reached": _("Targets that reached their goal"),
            "goals_missed": _("Targets below their goal"),
            "measured": _("Measured"),
            "met": _("Met"),
            "missed": _("Missed"),
            "excluded": _("Excluded"),
            "misses": _("Misses"),
            "raw": _("Raw %"),
            "adjusted": _("Adjusted %"),
            "raw_all": _("Targets Met % (Raw)"),
            "adjusted_all": _("Targets Met % (Adjusted)"),
            "goal": _("Goal %"),
            "tickets": _("Tickets"),
            "total": _("Total"),
            # Columns
            "figure": _("Figure"),
            "value": _("Value"),
            "target": _("Target"),
            "reason": _("Reason"),
            "type": _("Type"),
            "priority": _("Priority"),
            "service": _("Service"),
            "month": _("Month"),
            "grade": _("Rating"),
            "number": _("Number"),
            "title": _("Title"),
            "declared": _("Declared"),
            "opened_at": _("Opened On"),
            "resolved_at": _("Resolved On"),
            "finished_at": _("Finished On"),
            "review": _("Review"),
            "state": _("State"),
            "date": _("Date"),
            "customer": _("Customer"),
            "owner": _("Owner"),
            "due": _("Due"),
            "then": _("Reported"),
            "now": _("Correct"),
            "cause": _("What Happened"),
            # The sheets of figures and tickets
            "sheet/report": _("Report"),
            "sheet/figures": _("Figures"),
            "sheet/tickets": _("Tickets"),
            "sheet/charts": _("Charts"),
            "filter": _("In the Sheet of Tickets"),
            "in_period/opened": _("Opened in Period"),
            "in_period/resolved": _("Resolved in Period"),
            "in_period/cancelled": _("Cancelled in Period"),
            "in_period/majors": _("Major in Period"),
            "in_period/rated": _("Rated in Period"),
            "month/opened": _("Month Opened"),
            "month/resolved": _("Month Resolved"),
            "month/cancelled": _("Month Cancelled"),
            "open_in": _("Open at End of %s"),
            "of_target": _("T%s"),
            "reason_of": _("T%s Reason"),
            "month_of": _("T%s Month"),
            "rating": _("Rating (1 to 5)"),
            # The head of the report
            "report": _("Report"),
            "issue": _("Issue"),
            "period": _("Period"),
            "purpose": _("Purpose"),
            "audience": _("Audience"),
            "source": _("Source of the Figures"),
            "scope": _("Scope"),
            "made": _("Made"),
            "answers": _("Answered For By"),
            "explanation": _("Explanation"),
            "nothing": _("Nothing in this period."),
            "no_corrections": _("The figures of the previous issue stand."),
            "adjusted_note": _(
                "Raw figures count every miss. Adjusted ones leave out those that two "
                "people agreed to exclude. A miss counts in the month in which its "
                "deadline passed."
            ),
        }
