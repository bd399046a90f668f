import io
import json
import os
import tempfile
from datetime import datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.history_clock import LocalClock
from ..tools.history_file import HistoryFile, HistoryFileError
from ..tools.history_mapping import Event, Mapping, TicketFacts
from ..tools.history_spool import HistorySpool
from ..tools.history_timeline import (
    DONE_STATES,
    build_timeline,
    clip_spans,
    continue_spans,
    merge_spans,
)
from ..tools.zones import get_zone
from . import history_samples as samples

FORMAT = "%Y-%m-%d %H:%M"
NOW = datetime.fromisoformat("2030-01-01")


def at(text):
    return datetime.fromisoformat(text)


@tagged("post_install", "-at_install")
class TestHistoryClock(BaseCase):
    @settings(deadline=None, max_examples=200)
    @given(
        st.sampled_from(
            ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe"]
        ),
        st.one_of(
            st.datetimes(at("2023-01-01 00:00"), at("2025-12-31 00:00")),
            st.datetimes(at("2024-03-31 00:00"), at("2024-03-31 05:00")),
            st.datetimes(at("2024-10-27 00:00"), at("2024-10-27 05:00")),
            st.datetimes(at("2024-04-07 00:00"), at("2024-04-07 05:00")),
            st.datetimes(at("2024-03-10 00:00"), at("2024-03-10 05:00")),
        ),
    )
    def test_every_moment_that_shows_the_local_time_is_found(self, zone, local):
        local = local.replace(second=0, microsecond=0)
        clock = LocalClock(zone, FORMAT)
        first, second, quality = clock.interpret(local.strftime(FORMAT))
        # Slow and obvious: look at the clock on the wall every half hour.
        tz = get_zone(zone)
        around = [local + timedelta(minutes=30 * step) for step in range(-30, 31)]
        showing = [
            moment
            for moment in around
            if moment.replace(tzinfo=timezone.utc).astimezone(tz).replace(tzinfo=None)
            == local
        ]
        if quality == "missing":
            self.assertEqual(showing, [])
            shown = first.replace(tzinfo=timezone.utc).astimezone(tz)
            self.assertGreater(shown.replace(tzinfo=None), local)
        else:
            self.assertEqual(sorted({first, second}), showing)
            self.assertEqual(quality == "ambiguous", len(showing) == 2)
        if quality != "missing":
            self.assertEqual(clock.format(first), local.strftime(FORMAT))

    def test_seconds_and_offsets_are_understood(self):
        paris = LocalClock("Europe/Paris", FORMAT)
        self.assertEqual(paris.interpret("2024-07-01 12:00:30")[0].second, 30)
        iso = LocalClock("Europe/Paris", "iso")
        self.assertEqual(
            iso.interpret("2024-07-01T12:00:00Z")[0], at("2024-07-01 12:00")
        )
        self.assertEqual(
            iso.interpret("2024-07-01T12:00:00-04:00")[0], at("2024-07-01 16:00")
        )
        self.assertEqual(iso.interpret("2024-07-01 12:00")[0], at("2024-07-01 10:00"))

    def test_dates_that_do_not_exist_are_refused(self):
        clock = LocalClock("Europe/Paris", FORMAT)
        for text in ("", "soon", "2024-02-30 10:00", "0016-01-01 00:00", "2024-01-01"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                clock.interpret(text)


@tagged("post_install", "-at_install")
class TestHistoryTimeline(BaseCase):
    def load(self, *rows, **changes):
        """Return ``(timeline or None, problems, rows left out)`` of ticket rows."""
        file = HistoryFile(io.BytesIO(samples.make_file(*rows)))
        bound = samples.make_mapping(**changes).bind(file.header)
        with tempfile.TemporaryDirectory() as folder:
            spool = HistorySpool(os.path.join(folder, "spool"))
            spool.fill(file, bound.number_index, bound.indexes)
            [(_first, number, lines)] = list(spool.read_tickets())
            spool.close()
        events, facts, problems, left_out = bound.read_ticket(number, lines, NOW)
        if not events:
            return None, problems, left_out
        timeline = build_timeline(number, events, facts, bound, samples.MATRIX)
        self.facts = facts
        return timeline, problems + timeline.problems, left_out

    def assertSpans(self, timeline, *expected):
        self.assertEqual(
            [
                (span.start.strftime("%d %H:%M"), span.itsm_state, span.is_estimated)
                for span in timeline.spans
            ],
            list(expected),
        )

    def codes(self, problems):
        return [(problem.line, problem.code) for problem in problems]

    def test_spans_begin_at_the_opening_and_equal_rows_are_one(self):
        row = samples.make_row
        timeline, problems, _left = self.load(
            row(opened="2024-03-04 09:30", impact="1 - High", urgency="1 - High"),
            row(changed="2024-03-04 11:00", impact="1 - High", urgency="1 - High"),
            row(changed="2024-03-04 12:00", impact="1 - High", urgency="2 - Medium"),
            row(state="Active", changed="2024-03-05 08:00", assignee="Ann"),
            row(state="Resolved", changed="2024-03-05 09:00", assignee="Ann"),
            row(state="Closed", changed="2024-03-07 09:00", assignee="Ann"),
        )
        self.assertEqual(problems, [])
        self.assertSpans(
            timeline,
            ("04 09:30", "new", False),
            ("04 12:00", "new", False),
            ("05 08:00", "open", False),
            ("05 09:00", "resolved", False),
            ("07 09:00", "closed", False),
        )
        self.assertEqual([s.priority for s in timeline.spans], ["3", "2", *"111"])
        self.assertIsNone(timeline.spans[-1].stop)
        self.assertEqual(timeline.dates.resolved_at, at("2024-03-05 09:00"))
        self.assertEqual(timeline.dates.closed_at, at("2024-03-07 09:00"))
        self.assertEqual(timeline.assigned_at, at("2024-03-05 08:00"))
        self.assertEqual(len(timeline.moments), 6)

    def test_time_before_the_first_row_counts_as_new_and_is_marked(self):
        row = samples.make_row
        timeline, problems, _left = self.load(
            row(state="Active", opened="2024-03-04 09:30"),
            row(state="Cancelled", changed="2024-03-04 12:00"),
        )
        self.assertSpans(
            timeline,
            ("04 09:30", "new", True),
            ("04 10:00", "open", False),
            ("04 12:00", "cancelled", False),
        )
        self.assertEqual(self.codes(problems), [(2, "new_until_first_row")])
        self.assertIsNone(timeline.dates.resolved_at)
        self.assertEqual(timeline.dates.closed_at, at("2024-03-04 12:00"))

    def test_rows_win_over_dates_stated_besides(self):
        row = samples.make_row
        stated = {"resolved": "2024-03-04 11:29", "closed": "2024-03-09 12:00"}
        timeline, problems, _left = self.load(
            row(**stated),
            row(state="Resolved", changed="2024-03-04 10:53", **stated),
            row(state="Resolved", changed="2024-03-04 11:29", **stated),
            row(state="Closed", changed="2024-03-08 12:00", **stated),
            row(state="Closed", changed="2024-03-09 12:00", **stated),
        )
        self.assertEqual(timeline.dates.resolved_at, at("2024-03-04 10:53"))
        self.assertEqual(timeline.dates.closed_at, at("2024-03-08 12:00"))
        [resolved, closed] = problems
        self.assertEqual(
            resolved,
            (
                2,
                "T1",
                "resolved",
                "2024-03-04 11:29",
                "settled",
                "resolved_at_differs",
                "2024-03-04 10:53",
            ),
        )
        self.assertEqual((closed.column, closed.code), ("closed", "closed_at_differs"))
        self.assertEqual(closed.detail, "2024-03-08 12:00")

    def test_resolution_without_a_row_is_dated_by_the_stated_date(self):
        row = samples.make_row
        timeline, problems, _left = self.load(
            row(state="Active", resolved="2024-03-04 11:00"),
            row(state="Closed", changed="2024-03-08 12:00"),
        )
        self.assertSpans(
            timeline,
            ("04 10:00", "open", False),
            ("04 11:00", "resolved", True),
            ("08 12:00", "closed", False),
        )
        self.assertEqual(self.codes(problems), [(2, "resolved_before_closing")])
        self.assertEqual(timeline.dates.resolved_at, at("2024-03-04 11:00"))

    def test_dates_that_no_row_bears_out_move_nothing(self):
        row = samples.make_row
        timeline, problems, _left = self.load(
            row(opened="2024-03-04 10:00", resolved="2024-03-04 09:00"),
            row(state="Active", changed="2024-03-05 10:00", closed="2024-03-06 10:00"),
        )
        self.assertSpans(
            timeline, ("04 10:00", "new", False), ("05 10:00", "open", False)
        )
        self.assertIsNone(timeline.dates.closed_at)
        self.assertEqual(
            self.codes(problems),
            [(2, "stated_before_opening"), (3, "closed_at_without_row")],
        )

    def test_rows_out_of_order_are_sorted_by_time(self):
        row = samples.make_row
        timeline, problems, _left = self.load(
            row(changed="2024-03-04 10:00"),
            row(state="Resolved", changed="2024-03-04 12:00"),
            row(state="Active", changed="2024-03-04 11:00"),
        )
        self.assertSpans(
            timeline,
            ("04 10:00", "new", False),
            ("04 11:00", "open", False),
            ("04 12:00", "resolved", False),
        )
        self.assertEqual(self.codes(problems), [(4, "out_of_order")])
        self.assertEqual(problems[0].detail, "2024-03-04 12:00")

    def test_newest_first_is_turned_round(self):
        row = samples.make_row
        timeline, _problems, _left = self.load(
            row(state="Closed", changed="2024-03-04 12:00"),
            row(state="Resolved", changed="2024-03-04 12:00"),
            row(state="Active", changed="2024-03-04 11:00"),
        )
        self.assertEqual(timeline.dates.itsm_state, "closed")

    def test_file_order_holds_where_its_own_reopen_count_says_so(self):
        row = samples.make_row
        rows = [
            row(changed="2024-03-04 11:10", reopened="0"),
            row(changed="2024-03-04 09:52", reopened="0"),
            row(state="Resolved", changed="2024-03-04 11:03", reopened="0"),
            row(state="Closed", changed="2024-03-09 11:03", reopened="0"),
        ]
        timeline, problems, _left = self.load(*rows)
        self.assertSpans(
            timeline,
            ("04 09:52", "new", False),
            ("04 11:03", "resolved", False),
            ("09 11:03", "closed", False),
        )
        self.assertEqual(self.codes(problems), [(3, "out_of_order_cut")])
        self.assertEqual(timeline.dates.reopen_count, 0)

    def test_reopenings_are_counted_and_compared(self):
        row = samples.make_row
        timeline, problems, _left = self.load(
            row(state="Resolved", reopened="0"),
            row(state="Active", changed="2024-03-04 11:00", reopened="1"),
            row(state="Closed", changed="2024-03-04 12:00", reopened="1"),
            row(state="Waiting", changed="2024-03-04 13:00", reopened="3"),
        )
        self.assertEqual(timeline.dates.reopen_count, 2)
        self.assertIsNone(timeline.dates.closed_at)
        self.assertEqual(self.codes(problems), [(5, "reopen_count_differs")])
        self.assertEqual(problems[0].detail, "2")

    def test_a_state_left_for_no_time_was_never_left(self):
        row = samples.make_row
        timeline, _problems, _left = self.load(
            row(state="Active"),
            row(state="Waiting", changed="2024-03-04 12:00"),
            row(state="Active", changed="2024-03-04 12:00"),
            row(state="Resolved", changed="2024-03-04 13:00"),
            row(state="Active", changed="2024-03-04 13:00", team="B"),
        )
        self.assertSpans(
            timeline, ("04 10:00", "open", False), ("04 13:00", "open", False)
        )
        self.assertEqual(timeline.dates.state_since, at("2024-03-04 10:00"))
        self.assertEqual(timeline.dates.reopen_count, 1)

    def test_rows_before_the_opening_count_from_the_opening(self):
        row = samples.make_row
        timeline, problems, _left = self.load(
            row(changed="2024-03-04 08:00", opened="2024-03-04 09:30"),
            row(state="Active", changed="2024-03-04 09:00"),
            row(state="Resolved", changed="2024-03-04 12:00"),
        )
        self.assertSpans(
            timeline, ("04 09:30", "open", False), ("04 12:00", "resolved", False)
        )
        self.assertEqual(
            self.codes(problems), [(2, "before_opening"), (3, "before_opening")]
        )

    def test_what_cannot_be_used_is_told_and_the_rest_goes_in(self):
        row = samples.make_row
        timeline, problems, left_out = self.load(
            row(opened="31-31-2024", impact="9 - Odd"),
            row(state="Thinking", changed="2024-03-04 11:00", team="B"),
            row(state="?", changed="2024-03-04 11:30", reopened="-1"),
            row(changed="?"),
            row(changed="2024-02-30 10:00"),
            row(changed="2031-01-01 10:00"),
            row(state="Active", changed="2024-03-04 12:00", impact="9 - Odd"),
        )
        self.assertEqual(left_out, 3)
        self.assertEqual(
            [(s.start.hour, s.itsm_state, s.team) for s in timeline.spans],
            [(10, "new", ""), (11, "new", "B"), (11, "new", ""), (12, "open", "")],
        )
        self.assertEqual(
            [(p.line, p.column, p.value, p.code) for p in problems],
            [
                (2, "impact", "9 - Odd", "value_unmapped"),
                (2, "opened", "31-31-2024", "date_invalid"),
                (3, "state", "Thinking", "value_unmapped"),
                (4, "state", "", "state_empty"),
                (4, "reopened", "-1", "not_a_count"),
                (5, "changed", "", "date_empty"),
                (6, "changed", "2024-02-30 10:00", "date_invalid"),
                (7, "changed", "2031-01-01 10:00", "date_future"),
            ],
        )

    def test_a_ticket_without_any_usable_row_is_none(self):
        timeline, problems, left_out = self.load(samples.make_row(changed="never"))
        self.assertIsNone(timeline)
        self.assertEqual((len(problems), left_out), (1, 1))

    def test_hours_that_the_clock_repeats_or_skips_are_told(self):
        row = samples.make_row
        timeline, problems, _left = self.load(
            row(changed="2024-03-31 02:30"),
            row(state="Active", changed="2024-10-27 02:40"),
            row(state="Resolved", changed="2024-10-27 02:10"),
            timezone="Europe/Paris",
        )
        self.assertEqual(
            [span.start for span in timeline.spans],
            [at("2024-03-31 01:30"), at("2024-10-27 00:40"), at("2024-10-27 01:10")],
        )
        self.assertEqual(
            self.codes(problems),
            [(2, "time_skipped"), (3, "time_first"), (4, "time_second")],
        )

    def test_facts_are_the_last_known_values(self):
        row = samples.make_row
        self.load(
            row(caller="Ann  Lee", place="=HYPERLINK(1)"),
            row(state="Active", changed="2024-03-04 12:00", caller="Bo"),
            row(state="Active", changed="2024-03-04 13:00"),
        )
        self.assertEqual(self.facts.texts["caller"], "Bo")
        self.assertEqual(self.facts.notes, {"place": "=HYPERLINK(1)"})

    def test_a_missing_column_is_named_with_those_there_are(self):
        with self.assertRaises(HistoryFileError) as caught:
            samples.make_mapping().bind(["number", "status", "changed"])
        self.assertEqual(caught.exception.code, "missing_columns")
        self.assertIn("state", caught.exception.details["columns"])
        self.assertEqual(caught.exception.details["found"], "number, status, changed")
        with self.assertRaises(HistoryFileError) as caught:
            samples.make_mapping(columns={"number": "number"}).bind(["number"])
        self.assertEqual(caught.exception.code, "missing_roles")

    def test_a_mapping_survives_json_that_sorts_its_keys(self):
        mapping = samples.make_mapping()
        text = json.dumps(mapping.to_dict(), sort_keys=True)
        again = Mapping(**json.loads(text))
        self.assertEqual(again, mapping)
        header = samples.HEADER.split(",")
        self.assertEqual(again.bind(header).indexes, mapping.bind(header).indexes)

    events = st.lists(
        st.builds(
            lambda minute, state, team, user: Event(
                line=1,
                at=at("2024-03-04 10:00") + timedelta(minutes=minute),
                itsm_state=state,
                team=team,
                assignee=user,
                priority="1",
            ),
            st.integers(0, 12),
            st.sampled_from(["new", "open", "pending", *DONE_STATES]),
            st.sampled_from("AB"),
            st.sampled_from(["", "x"]),
        ),
        min_size=1,
        max_size=12,
    )

    @settings(deadline=None, max_examples=300)
    @given(events, st.integers(-5, 5), st.booleans())
    def test_spans_say_what_the_last_row_before_each_minute_says(
        self, events, opened, sort
    ):
        if sort:
            events = sorted(events, key=lambda event: event.at)
        events = [event._replace(line=i) for i, event in enumerate(events, 2)]
        facts = TicketFacts()
        opened_at = min(event.at for event in events) + timedelta(minutes=opened)
        facts.stated["opened_at"] = (2, "stated", opened_at)
        bound = samples.make_mapping().bind(samples.HEADER.split(","))
        timeline = build_timeline("T1", events, facts, bound, samples.MATRIX)

        # Slow and obvious: ask for every minute what the rows until then say.
        times = [event.at for event in events]
        if times == sorted(times, reverse=True) and times != sorted(times):
            events = events[::-1]
        end = max(opened_at, *[event.at for event in events])
        minute, answers = opened_at, []
        while minute <= end:
            # The latest, and of rows at the same minute (all those before the
            # opening are at the same) the last in order.
            best = None
            for event in sorted(events, key=lambda event: event.at):
                if event.at <= minute:
                    best = (event.itsm_state, event.team, event.assignee)
            if best is None:
                first = min(events, key=lambda event: event.at)
                best = ("new", first.team, first.assignee)
            answers.append((minute, best))
            minute += timedelta(minutes=1)
        expected = [
            answer
            for place, answer in enumerate(answers)
            if not place or answers[place - 1][1] != answer[1]
        ]
        found = [(s.start, (s.itsm_state, s.team, s.assignee)) for s in timeline.spans]
        self.assertEqual(found, expected)
        for span, following in pairwise(timeline.spans):
            self.assertEqual(span.stop, following.start)
        self.assertIsNone(timeline.spans[-1].stop)

    @settings(deadline=None, max_examples=200)
    @given(events, st.integers(0, 12))
    def test_a_history_cut_in_two_continues_to_the_whole(self, events, cut):
        events = sorted(events, key=lambda event: event.at)
        events = [event._replace(line=i) for i, event in enumerate(events, 2)]
        bound = samples.make_mapping().bind(samples.HEADER.split(","))

        def build(part):
            return build_timeline("T1", part, TicketFacts(), bound, samples.MATRIX)

        early, whole = build(events[: cut + 1]), build(events)
        until = early.moments[-1]
        known = clip_spans(early.spans, early.opened_at, until)
        self.assertEqual(known, clip_spans(whole.spans, whole.opened_at, until))
        joined = merge_spans(known + continue_spans(whole.spans, until))
        self.assertEqual(joined, whole.spans)
