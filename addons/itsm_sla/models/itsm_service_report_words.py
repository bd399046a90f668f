from odoo import api, models


class ItsmServiceReport(models.Model):
    """The words of a report, in the language in which it is made."""

    _name = "itsm.service.report"
    _inherit = ["itsm.service.report"]

    @api.model
    def _get_words(self):
        """Return headings and names of figures by key, as ``report_tables`` wants."""
        return {
            # Tables
            "table/summary": self.env._("Summary"),
            "table/attainment": self.env._("Attainment Against Goal"),
            "table/reasons": self.env._("Reasons for Misses"),
            "table/workload/type": self.env._("Workload by Type"),
            "table/workload/priority": self.env._("Workload by Priority"),
            "table/workload/service": self.env._("Workload by Service"),
            "table/trend": self.env._("Twelve Months"),
            "table/target_trend": self.env._("Targets over Twelve Months (Adjusted)"),
            "table/majors": self.env._("Major Incidents"),
            "table/satisfaction": self.env._("Satisfaction"),
            "table/complaints": self.env._("Complaints"),
            "table/complaint_list": self.env._("List of Complaints"),
            "table/reviews": self.env._("Service Reviews"),
            "table/actions": self.env._("Open Actions"),
            "table/corrections": self.env._("Corrections to the Previous Issue"),
            "table/causes": self.env._("What Has Happened since the Previous Issue"),
            # Figures
            "opened": self.env._("Opened"),
            "resolved": self.env._("Resolved"),
            "cancelled": self.env._("Cancelled"),
            "backlog": self.env._("Open at the End"),
            "backlog_start": self.env._("Open at the Start"),
            "majors": self.env._("Major incidents"),
            "complaints": self.env._("Complaints"),
            "rated": self.env._("Rated"),
            "average": self.env._("Average rating (1 to 5)"),
            "goals_reached": self.env._("Targets that reached their goal"),
            "goals_missed": self.env._("Targets below their goal"),
            "measured": self.env._("Measured"),
            "met": self.env._("Met"),
            "missed": self.env._("Missed"),
            "excluded": self.env._("Excluded"),
            "misses": self.env._("Misses"),
            "raw": self.env._("Raw %"),
            "adjusted": self.env._("Adjusted %"),
            "raw_all": self.env._("Targets Met % (Raw)"),
            "adjusted_all": self.env._("Targets Met % (Adjusted)"),
            "goal": self.env._("Goal %"),
            "tickets": self.env._("Tickets"),
            "total": self.env._("Total"),
            # Columns
            "figure": self.env._("Figure"),
            "value": self.env._("Value"),
            "target": self.env._("Target"),
            "reason": self.env._("Reason"),
            "type": self.env._("Type"),
            "priority": self.env._("Priority"),
            "service": self.env._("Service"),
            "month": self.env._("Month"),
            "grade": self.env._("Rating"),
            "number": self.env._("Number"),
            "title": self.env._("Title"),
            "declared": self.env._("Declared"),
            "opened_at": self.env._("Opened On"),
            "resolved_at": self.env._("Resolved On"),
            "finished_at": self.env._("Finished On"),
            "review": self.env._("Review"),
            "state": self.env._("State"),
            "date": self.env._("Date"),
            "customer": self.env._("Customer"),
            "owner": self.env._("Owner"),
            "due": self.env._("Due"),
            "then": self.env._("Reported"),
            "now": self.env._("Correct"),
            "cause": self.env._("What Happened"),
            # The sheets of figures and tickets
            "sheet/report": self.env._("Report"),
            "sheet/figures": self.env._("Figures"),
            "sheet/tickets": self.env._("Tickets"),
            "sheet/charts": self.env._("Charts"),
            "filter": self.env._("In the Sheet of Tickets"),
            "in_period/opened": self.env._("Opened in Period"),
            "in_period/resolved": self.env._("Resolved in Period"),
            "in_period/cancelled": self.env._("Cancelled in Period"),
            "in_period/majors": self.env._("Major in Period"),
            "in_period/rated": self.env._("Rated in Period"),
            "month/opened": self.env._("Month Opened"),
            "month/resolved": self.env._("Month Resolved"),
            "month/cancelled": self.env._("Month Cancelled"),
            "open_in": self.env._("Open at End of %s"),
            "of_target": self.env._("T%s"),
            "reason_of": self.env._("T%s Reason"),
            "month_of": self.env._("T%s Month"),
            "rating": self.env._("Rating (1 to 5)"),
            # The head of the report
            "report": self.env._("Report"),
            "issue": self.env._("Issue"),
            "period": self.env._("Period"),
            "purpose": self.env._("Purpose"),
            "audience": self.env._("Audience"),
            "source": self.env._("Source of the Figures"),
            "scope": self.env._("Scope"),
            "made": self.env._("Made"),
            "answers": self.env._("Answered For By"),
            "explanation": self.env._("Explanation"),
            "nothing": self.env._("Nothing in this period."),
            "no_corrections": self.env._("The figures of the previous issue stand."),
            "adjusted_note": self.env._(
                "Raw figures count every miss. Adjusted ones leave out those that two "
                "people agreed to exclude. A miss counts in the month in which its "
                "deadline passed."
            ),
        }
