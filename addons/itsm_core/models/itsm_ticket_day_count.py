import re
from collections import defaultdict
from itertools import accumulate

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, date_utils, get_lang

from .itsm_ticket_day import DAY_FIELDS

#: What can be counted without making the rows, and how.
AGGREGATES = {"__count", "tickets:avg", "tickets:sum"}
GRANULARITIES = {"day", "week", "month", "quarter", "year"}
#: Conditions and groups on these, or on what they point to, hold for all of a span.
SPAN_FIELDS = frozenset(
    {
        "company_id",
        "customer_id",
        "itsm_state",
        "pending_reason",
        "priority",
        "service_id",
        "team_id",
        "ticket_id",
        "ticket_type",
        "user_id",
    }
)
ORDER_PART = re.compile(r"\s*([\w:.]+)(?:\s+(asc|desc))?\s*", re.IGNORECASE)


class ItsmTicketDay(models.Model):
    """Counting a year of days in one pass over the spans.

    Grouped by day, a year has as many rows as tickets stand around for a year, most
    of them closed: tens of millions. Pivots and graphs are answered from the changes
    between the days instead, which are added up here. What this cannot answer (a
    condition that mixes days with other things, an order of the groups by a number)
    is left to the rows themselves, with the same result.
    """

    _name = "itsm.ticket.day"
    _inherit = ["itsm.ticket.day"]

    # ------------------------------------------------------------------
    # Hooks into the ORM
    # ------------------------------------------------------------------

    @api.model
    def _read_group(
        self,
        domain,
        groupby=(),
        aggregates=(),
        having=(),
        offset=0,
        limit=None,
        order=None,
    ):
        if not having and self._can_count(domain, [groupby], aggregates, order):
            (rows,) = self._count_days(domain, [groupby], aggregates)
            return rows[offset : None if limit is None else offset + limit]
        return super()._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        if self._can_count(domain, grouping_sets, aggregates, order):
            return self._count_days(domain, grouping_sets, aggregates)
        return super()._read_grouping_sets(
            domain, grouping_sets, aggregates, order=order
        )

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec == "tickets:avg":
            day = self._field_to_sql(self._table, "day", query)
            return SQL("COUNT(*)::float / NULLIF(COUNT(DISTINCT %s), 0)", day)
        return super()._read_group_select(aggregate_spec, query)

    # ------------------------------------------------------------------
    # What can be counted
    # ------------------------------------------------------------------

    @api.model
    def _can_count(self, domain, grouping_sets, aggregates, order):
        specs = {spec for groupby in grouping_sets for spec in groupby}
        names = {spec for spec in specs if not spec.startswith("day:")}
        in_order = all(
            match and match[1] in specs and (match[2] or "asc").lower() == "asc"
            for match in map(ORDER_PART.fullmatch, order.split(",") if order else ())
        )
        return (
            in_order
            and AGGREGATES.issuperset(aggregates)
            and SPAN_FIELDS.issuperset(names)
            and GRANULARITIES.issuperset(s[4:] for s in specs - names)
            and self._split_domain(domain) is not None
        )

    @api.model
    def _split_domain(self, domain):
        """Return the conditions on days and those on spans, or None if they mix."""
        domain = Domain(domain)
        on_days, on_spans = Domain.TRUE, Domain.TRUE
        parts = getattr(domain, "children", ()) if _is_and(domain) else (domain,)
        for part in parts:
            roots = {
                condition.field_expr.split(".")[0]
                for condition in part.iter_conditions()
            }
            if DAY_FIELDS.issuperset(roots):
                on_days &= part
            elif SPAN_FIELDS.issuperset(roots):
                on_spans &= part
            else:
                return None
        return on_days, on_spans

    # ------------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------------

    @api.model
    def _count_days(self, domain, grouping_sets, aggregates):
        """Count tickets by days and by what their spans say.

        One query for the days, one for the changes, and one for each kind of record
        that groups are sorted by.

        :rtype: list[list[tuple]]: as of ``_read_grouping_sets``
        """
        self.browse().check_access("read")
        on_days, on_spans = self._split_domain(domain)
        days = self._get_days(on_days)
        specs = list(dict.fromkeys(spec for sets in grouping_sets for spec in sets))
        names = [spec for spec in specs if not spec.startswith("day:")]
        numbers = self._get_numbers(on_spans, days, names) if days else {}
        ranks = self._get_ranks(names, numbers)
        starts = {
            spec: [self._get_period_start(day, spec[4:]) for day in days]
            for spec in specs
            if spec not in names
        }
        return [
            self._group_numbers(
                groupby, aggregates, days, names, numbers, starts, ranks
            )
            for groupby in grouping_sets
        ]

    @api.model
    def _get_days(self, on_days):
        """Return the days of a domain, in order."""
        query = self.env["itsm.ticket.day"]._search(Domain.FALSE)
        condition = on_days.optimize_full(self)._to_sql(self, "d", query)
        rows = self.env.execute_query(
            SQL(
                "SELECT d.day FROM (%s) d WHERE %s ORDER BY d.day",
                self._get_days_sql(),
                condition,
            )
        )
        return [day for (day,) in rows]

    @api.model
    def _get_numbers(self, on_spans, days, names):
        """Return ``{values: [number on each day]}`` for the days.

        :param list names: fields of spans; the values are as in the database
        """
        Change = self.env["itsm.ticket.day.change"]
        query = Change._search(on_spans & Domain("day", "<=", days[-1]))
        columns = [Change._field_to_sql(Change._table, name, query) for name in names]
        day = Change._field_to_sql(Change._table, "day", query)
        # Whatever changed up to the first day is one change.
        columns.append(SQL("GREATEST(%s, %s)", day, days[0]))
        query.groupby = SQL(", ").join(columns)
        query.order = None
        total = SQL("SUM(%s)", Change._field_to_sql(Change._table, "change", query))
        index = _get_first_index(days)
        changes = defaultdict(lambda: [0] * len(days))
        for *values, day, change in self.env.execute_query(
            query.select(*columns, total)
        ):
            changes[tuple(values)][index(day)] += change
        return {
            values: list(accumulate(row)) for values, row in changes.items() if any(row)
        }

    @api.model
    def _get_period_start(self, day, granularity):
        """Return the first day of the week, month, quarter or year of a day."""
        if granularity == "day":
            return day
        if granularity == "week":
            first = int(get_lang(self.env).week_start) - 1
            return date_utils.subtract(day, days=(day.weekday() - first) % 7)
        return date_utils.start_of(day, granularity)

    @api.model
    def _get_ranks(self, names, numbers):
        """Return ``{name: {value: rank}}``: the order in which groups are shown."""
        ranks = {}
        for position, name in enumerate(names):
            values = {key[position] for key in numbers} - {None}
            field = self._fields[name]
            if field.type == "many2one":
                records = self.env[field.comodel_name].browse(values)
                ordered = records.with_context(active_test=False).sorted().ids
                # What the user may not read comes last.
                ordered += sorted(values.difference(ordered))
            else:
                ordered = sorted(values)
            ranks[name] = {value: rank for rank, value in enumerate([*ordered, None])}
        return ranks

    @api.model
    def _group_numbers(self, groupby, aggregates, days, names, numbers, starts, ranks):
        """Return the rows of one set of groups, in order."""
        positions = [names.index(spec) if spec in names else None for spec in groupby]
        in_period = {}
        totals = defaultdict(int)
        for index in range(len(days)):
            period = tuple(starts[spec][index] for spec in groupby if spec not in names)
            in_period[period] = in_period.get(period, 0) + 1
            for values, row in numbers.items():
                if row[index]:
                    group = tuple(
                        starts[spec][index] if position is None else values[position]
                        for spec, position in zip(groupby, positions, strict=True)
                    )
                    totals[group] += row[index]
        if not groupby:
            totals.setdefault((), 0)
        rows = []
        for group in sorted(
            totals,
            key=lambda group: [
                value if position is None else ranks[spec][value]
                for value, spec, position in zip(group, groupby, positions, strict=True)
            ],
        ):
            period = tuple(
                value
                for value, position in zip(group, positions, strict=True)
                if position is None
            )
            number = totals[group]
            average = number / max(in_period.get(period, 1), 1)
            rows.append(
                (
                    *group,
                    *(average if a == "tickets:avg" else number for a in aggregates),
                )
            )
        columns = list(zip(*rows, strict=True))
        for position, spec in enumerate(groupby):
            if columns:
                columns[position] = list(
                    self._read_group_postprocess_groupby(spec, columns[position])
                )
        return list(zip(*columns, strict=True))


def _is_and(domain):
    return getattr(domain, "OPERATOR", None) == "&"


def _get_first_index(days):
    """Return a function: the index of the first of the days from a day on."""
    known = {}
    position = 0
    for offset in range((days[-1] - days[0]).days + 1):
        day = date_utils.add(days[0], days=offset)
        if day > days[position]:
            position += 1
        known[day] = position
    return known.__getitem__
