from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime

from odoo.addons.itsm_core.models.itsm_action import OPEN_STATES

from ..tools import report_tables as tables
from ..tools.report_period import first_day, month_key
from ..tools.service_report import UNSET, distinct_labels

#: Longest list of records in a report; the sheet of tickets has all.
LISTED_AT_MOST = 100


class ItsmServiceReport(models.Model):
    """What an issue says, put together from the facts: tables, names and words."""

    _name = "itsm.service.report"
    _inherit = ["itsm.service.report"]

    def _compose(self, scope, period, figures, clocks_seen, tickets):
        """Return the sections of a report on a period.

        :param dict scope: as of ``_get_scope``
        :param Period period: what the report is about
        :param dict figures: counts by key
        :param set clocks_seen: pairs of target and reason that were counted
        :param SQL tickets: the table of its tickets
        :return: names by kind, words, and the list of tables
        """
        self.ensure_one()
        words = self._get_words()
        names = self._get_names(period, figures, clocks_seen)
        average = self._get_average_rating(tickets, period)
        shown = [
            tables.make_summary(figures, names, words, average),
            tables.make_attainment(figures, names, words),
            tables.make_reasons(figures, names, words),
            *tables.make_workload(figures, names, words),
            tables.make_trend(figures, names, words, period),
            tables.make_target_trend(figures, names, words, period),
            self._list_majors(scope, period, tickets, words),
            tables.make_satisfaction(figures, names, words, average),
            tables.make_complaints(figures, words),
            self._list_complaints(scope, period, tickets, words),
            self._list_reviews(scope, period, words),
            self._list_actions(scope, words),
        ]
        return names, words, shown

    @api.model
    def _get_average_rating(self, tickets, period):
        """Return the average of what customers gave in the period, or None."""
        [(average,)] = self.env.execute_query(
            SQL(
                "SELECT AVG(rating) FROM %s WHERE rated BETWEEN %s AND %s",
                tickets,
                period.first,
                period.last,
            )
        )
        return None if average is None else round(float(average), 2)

    # ------------------------------------------------------------------
    # Names
    # ------------------------------------------------------------------

    def _get_names(self, period, figures, clocks_seen):
        """Return labels by kind and key of all that the figures tell apart."""
        # sudo: the report names services, targets and reasons to whom it is for.
        env = self.sudo().env
        Ticket = env["helpdesk.ticket"]
        selections = {
            name: dict(Ticket._fields[field]._description_selection(self.env))
            for name, field in (("type", "ticket_type"), ("priority", "priority"))
        }
        services = env["itsm.service"].browse(
            sorted(
                {
                    int(key.split("/")[2])
                    for key in figures
                    if "/service/" in key and not key.endswith(UNSET)
                }
            )
        )
        targets = env["itsm.agreement.target"].browse(
            {target for target, _reason in clocks_seen}
        )
        reasons = env["itsm.miss.reason"].browse(
            {reason for _target, reason in clocks_seen if reason}
        )
        grades = dict(
            env["rating.rating"]._fields["rating_text"]._description_selection(self.env)
        )
        unset = self.env._("None")
        return {
            "type": {**selections["type"], UNSET: unset},
            "priority": {
                **dict(reversed(selections["priority"].items())),
                UNSET: unset,
            },
            "service": distinct_labels(
                [*((str(found.id), found.name) for found in services.sorted("name"))]
                + [(UNSET, self.env._("No service"))]
            ),
            "reason": distinct_labels(
                [*((found.id, found.name) for found in reasons.sorted("sequence"))]
                + [(0, self.env._("Not explained"))]
            ),
            "target": self._name_targets(targets),
            "grade": grades,
            "month": self._name_months(period, "LLLL y"),
            "short_month": self._name_months(period, "LLL yy"),
        }

    def _name_months(self, period, pattern):
        return {
            month_key(month): format_date(
                self.env, first_day(month), date_format=pattern
            )
            for month in period.trend
        }

    def _name_targets(self, targets):
        kinds = targets.agreement_id._fields["kind"].get_values(self.env)
        metrics = targets._fields["metric"].get_values(self.env)
        targets = targets.sorted(
            lambda target: (
                kinds.index(target.agreement_id.kind),
                target.agreement_id.reference or "",
                metrics.index(target.metric),
                -int(target.priority or -1),
                target.id,
            )
        )
        several = len(targets.agreement_id) > 1
        labels = distinct_labels(
            (
                target.id,
                f"{target.agreement_id.reference}: {target.display_name}"
                if several
                else target.display_name,
            )
            for target in targets
        )
        return {
            target.id: {
                "label": labels[target.id],
                "agreement": target.agreement_id.display_name,
                "goal": target.goal_percent,
            }
            for target in targets
        }

    # ------------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------------

    @api.model
    def _find(self, tickets, condition):
        """Return ids of tickets of the report, in order, and how many there are."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id, COUNT(*) OVER () FROM %s WHERE %s ORDER BY place LIMIT %s",
                tickets,
                condition,
                LISTED_AT_MOST,
            )
        )
        return [row[0] for row in rows], rows[0][1] if rows else 0

    def _list_majors(self, scope, period, tickets, words):
        """List what was declared a major incident in the period."""
        ids, total = self._find(
            tickets, SQL("major BETWEEN %s AND %s", period.first, period.last)
        )
        # sudo: the report tells what of these tickets is meant for its readers.
        found = self.env["helpdesk.ticket"].sudo().browse(ids)
        internal = self.audience == "internal"
        rows = [
            [
                ticket.number or "",
                ticket.name or "",
                ticket.service_id.name or "",
                self._tell(ticket.major_declared_at, scope),
                self._tell(ticket.resolved_date, scope),
                (ticket.major_review_cause or "" if internal else "")
                or (
                    self.env._(
                        "Reviewed on %(date)s",
                        date=self._tell(ticket.major_reviewed_at, scope),
                    )
                    if ticket.major_reviewed_at
                    else self.env._("Not reviewed yet")
                ),
            ]
            for ticket in found
        ]
        columns = ("number", "title", "service", "declared", "resolved_at", "review")
        return self._shorten(tables.make_list("majors", words, columns, rows), total)

    def _list_complaints(self, scope, period, tickets, words):
        """List the complaints that were open in the period."""
        ids, total = self._find(
            tickets,
            SQL(
                "type = 'complaint' AND (finished IS NULL OR finished >= %s)",
                period.first,
            ),
        )
        # sudo: as above
        found = self.env["helpdesk.ticket"].sudo().browse(ids)
        states = dict(found._fields["itsm_state"]._description_selection(self.env))
        rows = [
            [
                ticket.number or "",
                ticket.name or "",
                self._tell(ticket.opened_at, scope),
                states.get(ticket.itsm_state, ""),
                self._tell(ticket.resolved_date, scope),
            ]
            for ticket in found
        ]
        columns = ("number", "title", "opened_at", "state", "resolved_at")
        return self._shorten(
            tables.make_list("complaint_list", words, columns, rows), total
        )

    def _list_reviews(self, scope, period, words):
        """List the reviews held in the period, and those planned after it."""
        # sudo: the report tells its readers of reviews; minutes are not in it.
        Review = self.env["itsm.service.review"].sudo()
        domain = fields.Domain("company_id", "=", scope["company"])
        if scope["customer"]:
            domain &= fields.Domain("partner_id", "=", scope["customer"])
        held = fields.Domain("state", "in", ("held", "closed")) & fields.Domain(
            "date", "<=", period.stop
        )
        planned = fields.Domain("state", "=", "planned")
        found = Review.search(
            domain & fields.Domain("date", ">=", period.start) & (held | planned),
            order="date, id",
            limit=LISTED_AT_MOST,
        )
        rows = [
            [
                review.reference or "",
                review.name or "",
                review.partner_id.display_name,
                format_date(self.env, review.date),
                review._workflow_state_label(review.state),
            ]
            for review in found
        ]
        columns = ("number", "title", "customer", "date", "state")
        return tables.make_list("reviews", words, columns, rows)

    def _list_actions(self, scope, words):
        """List what is still to be done, as far as it is about these customers."""
        # sudo: titles and dates of actions raised for the customer are told to it.
        Action = self.env["itsm.action"].sudo()
        domain = fields.Domain("company_id", "in", [scope["company"], False])
        domain &= fields.Domain("state", "in", OPEN_STATES)
        if scope["customer"]:
            sources = fields.Domain.FALSE
            for model, name in (
                ("helpdesk.ticket", "customer_id"),
                ("itsm.agreement", "partner_id"),
                ("itsm.service.report", "partner_id"),
                ("itsm.service.review", "partner_id"),
            ):
                query = (
                    self.env[model]
                    .sudo()
                    .with_context(active_test=False)
                    ._search([(name, "=", scope["customer"])])
                )
                sources |= fields.Domain("res_model", "=", model) & fields.Domain(
                    "res_id", "in", query
                )
            domain &= sources
        found = Action.search(domain, order="due_date, id", limit=LISTED_AT_MOST)
        rows = [
            [
                action.reference or "",
                action.name or "",
                action.owner_id.name or "",
                format_date(self.env, action.due_date) if action.due_date else "",
                action._workflow_state_label(action.state),
            ]
            for action in found
        ]
        columns = ("number", "title", "owner", "due", "state")
        return self._shorten(
            tables.make_list("actions", words, columns, rows),
            Action.search_count(domain),
        )

    def _shorten(self, table, total):
        """Say on a table how much is left out, where anything is."""
        left = total - len(table["rows"])
        if left > 0:
            table["note"] = self.env._("%(count)s more are not listed.", count=left)
        return table

    @api.model
    def _tell(self, moment, scope):
        """Return a moment on the clock of the report."""
        if not moment:
            return ""
        return format_datetime(self.env, moment, tz=scope["zone"], dt_format="short")
