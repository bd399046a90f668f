"""The demo story on a database of its own, as ``./itsm demo`` makes it."""

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database
from tools.addons import Addons
from tools.workspace import Workspace

#: Gives ``each``, the environment of each login.
AS_EACH = """
logins = ('agent', 'manager', 'auditor', 'customer', 'keyuser')
users = env['res.users'].search([('login', 'in', logins)])
each = {user.login: env(user=user.id) for user in users}
"""


@tagged("post_install", "-at_install")
class TestDemo(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        own = Addons(Workspace.current().addons).own
        cls.database = cls.enterClassContext(fresh_database(own, demo=True))

    def _count(self, sql):
        return int(self.database.query(sql)[0][0])

    def test_spans_follow_each_other_from_opening_to_now(self):
        broken = self.database.query(
            """
            SELECT t.number
              FROM helpdesk_ticket t
         LEFT JOIN LATERAL (
                    SELECT count(*) AS spans,
                           min(s.start) AS start,
                           count(*) FILTER (WHERE s.stop IS NULL) AS current,
                           max(s.itsm_state) FILTER (WHERE s.stop IS NULL) AS state,
                           count(*) FILTER (WHERE s.stop IS NOT NULL
                               AND s.stop IS DISTINCT FROM s.next) AS gaps
                      FROM (SELECT *, lead(start) OVER (ORDER BY start) AS next
                              FROM itsm_ticket_span
                             WHERE ticket_id = t.id) s) s ON TRUE
             WHERE s.current <> 1
                OR s.gaps > 0
                OR s.start <> t.opened_at
                OR s.state <> t.itsm_state
            """
        )
        self.assertEqual(broken, [])
        self.assertGreater(self._count("SELECT count(*) FROM itsm_ticket_span"), 1500)

    def test_nothing_is_dated_in_the_future(self):
        for table, columns in (
            ("helpdesk_ticket", "opened_at, state_since, resolved_date, closed_date"),
            ("itsm_ticket_span", "start, stop"),
            ("itsm_major_update", "date"),
            ("mail_message", "date"),
        ):
            with self.subTest(table):
                latest = f"GREATEST({columns}, '2000-01-01')"
                late = f"SELECT count(*) FROM {table} WHERE {latest} > now()"
                self.assertEqual(self._count(late), 0)

    def test_nobody_is_mailed_now_or_by_scheduled_actions(self):
        self.assertEqual(self._count("SELECT count(*) FROM mail_mail"), 0)
        # Of the demo data of other add-ons, two people are told of a ticket.
        notified = """
            SELECT count(*)
              FROM mail_notification n
              JOIN mail_message m ON m.id = n.mail_message_id
              JOIN res_partner p ON p.id = n.res_partner_id
             WHERE p.active AND p.email LIKE '%.example'
        """
        self.assertEqual(self._count(notified), 0)
        result = self.database.run(
            """
tickets = env['helpdesk.ticket'].search([])
messages, states = env['mail.message'].search_count([]), tickets.mapped('itsm_state')
for model in ('itsm.%', 'helpdesk.%'):
    for cron in env['ir.cron'].search([('model_id.model', '=like', model)]):
        cron.ir_actions_server_id.run()
tickets.invalidate_recordset()
result = [
    env['mail.mail'].search_count([]),
    env['mail.message'].search_count([]) - messages,
    tickets.mapped('itsm_state') == states,
]
"""
        )
        self.assertEqual(result, [0, 0, True])

    def test_a_company_is_seen_and_not_the_demo_data_of_others(self):
        names = self.database.query(
            "SELECT name FROM res_company UNION"
            " SELECT name ->> 'en_US' FROM helpdesk_ticket_team WHERE active"
        )
        self.assertEqual(
            sorted(name for (name,) in names),
            [
                *("Applications", "Harborline Logistics", "Infrastructure"),
                *("Network", "Service Desk", "Workplace Support"),
            ],
        )
        tickets = self._count("SELECT count(*) FROM helpdesk_ticket WHERE active")
        self.assertTrue(300 <= tickets <= 400)
        items = self._count(
            "SELECT count(*) FROM itsm_ci c WHERE NOT EXISTS"
            " (SELECT FROM itsm_service s WHERE s.ci_id = c.id)"
        )
        self.assertIn(items, range(100, 121))
        twice = self.database.query(
            "SELECT name FROM res_partner WHERE active"
            " GROUP BY name HAVING count(*) > 1"
        )
        self.assertEqual(twice, [])

    def test_each_login_may_do_what_it_stands_for(self):
        found = self.database.run(
            AS_EACH
            + """
every = env['helpdesk.ticket'].search_count([])
result = {}
for login, as_login in each.items():
    tickets = as_login['helpdesk.ticket']
    services = as_login['itsm.service']
    result[login] = [
        tickets.search_count([]) == every,
        tickets.search([], limit=1).has_access('write'),
        services.has_access('read'),
        services.has_access('write'),
    ]
"""
        )
        expected = {
            # sees all tickets, writes them, sees services, writes them
            "agent": [True, True, True, False],
            "manager": [True, True, True, True],
            "auditor": [True, False, True, False],
            "customer": [False, False, False, False],
            "keyuser": [False, False, False, False],
        }
        self.assertEqual(found, expected)

    def test_a_customer_sees_own_tickets_and_the_key_user_those_of_the_company(self):
        seen = self.database.run(
            AS_EACH
            + """
result = {
    login: each[login]['helpdesk.ticket'].search([]).sudo().mapped('partner_id.name')
    for login in ('customer', 'keyuser')
}
"""
        )
        self.assertEqual(seen["customer"], ["Tom Fenwick"])
        self.assertGreater(len(seen["keyuser"]), 4)
        self.assertIn("Tom Fenwick", seen["keyuser"])

    def test_service_levels_look_like_those_of_a_company(self):
        rows = self.database.query(
            """
            SELECT c.kind, count(*),
                   count(*) FILTER (WHERE c.missed_at IS NOT NULL)
              FROM itsm_sla_clock c
             WHERE c.state = 'stopped'
          GROUP BY c.kind
            """
        )
        shares = {kind: int(missed) / int(count) for kind, count, missed in rows}
        self.assertEqual(sorted(shares), ["ola", "sla", "uc"])
        self.assertTrue(0.02 <= shares["sla"] <= 0.1, shares)
        self.assertTrue(0.05 <= shares["ola"] <= 0.2, shares)
        for name, low, high in (("Corvid Telecom", 0.5, 1), ("Nimbus Hosting", 0, 0.2)):
            (row,) = self.database.query(
                f"""
                SELECT count(*), count(*) FILTER (WHERE c.missed_at IS NOT NULL)
                  FROM itsm_sla_clock c
                  JOIN itsm_agreement a ON a.id = c.agreement_id
                  JOIN res_partner p ON p.id = a.partner_id
                 WHERE p.name = '{name}'
                """
            )
            count, missed = map(int, row)
            self.assertTrue(low * count <= missed <= high * count, (name, row))
            self.assertGreater(count, 2)
        below = self.database.run(
            AS_EACH
            + """
months = each['manager']['itsm.sla.attainment.month'].search(
    [('kind', '=', 'sla'), ('is_below_raw', '=', True)]
)
result = len(set(months.mapped('month')))
"""
        )
        self.assertGreater(below, 1)

    def test_misses_are_explained_and_two_people_leave_one_out(self):
        states = dict(
            self.database.query("SELECT state, count(*) FROM itsm_sla_miss GROUP BY 1")
        )
        self.assertEqual(
            sorted(states), ["counted", "excluded", "refused", "requested"]
        )
        alone = """
            SELECT count(*) FROM itsm_sla_miss
             WHERE reason_id IS NULL OR explained_by_id IS NULL
                OR requested_by_id = decided_by_id
                OR explained_date > now() OR decided_date > now()
        """
        self.assertEqual(self._count(alone), 0)

    def test_agreements_were_revised_reviewed_and_lead_to_actions(self):
        revisions = self.database.query(
            "SELECT o.state, n.state, n.date_start - o.date_end, n.reference"
            " FROM itsm_agreement n JOIN itsm_agreement o ON o.id = n.previous_id"
        )
        ((old, new, days, reference),) = revisions
        self.assertEqual((old, new, int(days)), ("expired", "active", 1))
        self.assertTrue(reference.endswith("/2"))
        found = self.database.run(
            AS_EACH
            + """
from odoo import fields
reviews = each['manager']['itsm.service.review'].search([])
actions = each['manager']['itsm.action'].search(
    [('res_model', '=', 'itsm.service.review')]
)
today = fields.Date.today()
result = [
    sorted(reviews.mapped('state')),
    len(reviews.filtered(lambda r: r.state == 'planned' and r.date < today)),
    len(actions),
    len(actions.filtered('is_overdue')),
]
"""
        )
        states = ["closed", "closed", "held", "planned", "planned"]
        self.assertEqual(found, [states, 1, 3, 1])

    def test_audits_show_each_state_and_each_kind_of_difference(self):
        states = self.database.query(
            "SELECT state FROM itsm_ci_audit ORDER BY planned_date"
        )
        self.assertEqual(
            states, [["closed"], ["reconciliation"], ["in_progress"], ["planned"]]
        )
        kinds = self.database.query(
            """
            SELECT d.kind, count(*) FILTER (WHERE d.decision = 'open') > 0
              FROM itsm_ci_audit_difference d
              JOIN itsm_ci_audit a ON a.id = d.audit_id
             WHERE a.state = 'reconciliation'
          GROUP BY d.kind
          ORDER BY d.kind
            """
        )
        self.assertEqual(
            [kind for kind, _open in kinds], ["different", "missing", "surplus"]
        )
        self.assertNotIn(False, [is_open for _kind, is_open in kinds])

    def test_a_year_of_changes_is_approved_by_others_and_makes_trends_readable(self):
        states = self.database.query("SELECT DISTINCT state FROM itsm_change")
        self.assertGreater(len(states), 8)
        late = """
            SELECT count(*) FROM itsm_change
             WHERE GREATEST(create_date, actual_start, actual_stop, closed_date) > now()
                OR closed_date < actual_stop OR actual_start < create_date
        """
        self.assertEqual(self._count(late), 0)
        alone = """
            SELECT count(*)
              FROM itsm_change c
         LEFT JOIN tier_review r
                ON r.model = 'itsm.change' AND r.res_id = c.id AND r.active
             WHERE c.change_type <> 'standard'
               AND c.state IN ('scheduled', 'implementation', 'review', 'closed')
               AND (r.status IS DISTINCT FROM 'approved'
                    OR r.done_by IN (c.owner_id, c.requester_id, c.implementer_id))
        """
        self.assertEqual(self._count(alone), 0)
        outcomes = dict(
            self.database.query(
                "SELECT outcome, count(*) FROM itsm_change"
                " WHERE state = 'closed' GROUP BY outcome"
            )
        )
        self.assertEqual(
            sorted(outcomes), ["backed_out", "failed", "partly", "success"]
        )
        self.assertGreater(int(outcomes["success"]), 50)
        caused = "SELECT count(*) FROM helpdesk_ticket WHERE caused_by_change_id > 0"
        self.assertGreater(self._count(caused), 5)

    def test_one_unplanned_difference_waits_and_another_was_accepted_by_a_manager(self):
        found = self.database.query(
            """
            SELECT d.decision, u.login
              FROM itsm_change_difference d
         LEFT JOIN res_users u ON u.id = d.decided_by_id
          ORDER BY 1
            """
        )
        self.assertEqual(
            [tuple(row) for row in found], [("accepted", "manager"), ("open", "")]
        )

    def test_trends_of_changes_have_a_figure_for_each_month_of_the_year(self):
        rows = self.database.run(
            AS_EACH
            + """
Trend = each['manager']['itsm.change.trend']
result = [
    [row['__count'], row['success_percent:avg'], row['lead_days:avg']]
    for row in Trend.formatted_read_group(
        [('date', '>=', 'today -11m =1d'), ('date', '<', 'today =1d')],
        ['date:month'],
        ['__count', 'success_percent:avg', 'lead_days:avg'],
    )
]
"""
        )
        # The story begins fifty weeks ago, within the month before these.
        self.assertEqual(len(rows), 11)
        for count, success, lead in rows:
            self.assertGreaterEqual(count, 2)
            self.assertGreaterEqual(success, 50)
            self.assertGreater(lead, 0)
        self.assertGreater(len({round(success) for _count, success, _lead in rows}), 2)

    def test_the_board_met_and_meets_again(self):
        states = self.database.query(
            "SELECT state FROM itsm_change_meeting ORDER BY date"
        )
        self.assertEqual(states, [["closed"], ["planned"]])
        points = """
            SELECT m.state, count(*) FROM itsm_change_meeting_line l
              JOIN itsm_change_meeting m ON m.id = l.meeting_id
          GROUP BY m.state ORDER BY m.state
        """
        [[_closed, decided], [_planned, coming]] = self.database.query(points)
        self.assertEqual(int(decided), 3)
        self.assertGreater(int(coming), 3)
        late = """
            SELECT count(*) FROM itsm_change_vote v
              JOIN itsm_change_meeting_line l ON l.id = v.line_id
              JOIN itsm_change_meeting m ON m.id = l.meeting_id
             WHERE v.date NOT BETWEEN m.opened_date AND m.closed_date
                OR l.decided_date NOT BETWEEN m.opened_date AND m.closed_date
        """
        self.assertEqual(self._count(late), 0)

    def test_services_come_by_plans_and_a_major_change_waits_for_its_own(self):
        plans = self.database.query(
            "SELECT kind, state FROM itsm_transition_plan ORDER BY start_date"
        )
        self.assertEqual(
            plans,
            [
                ["introduce", "closed"],
                ["introduce", "transition"],
                ["change", "approval"],
            ],
        )
        self.assertEqual(
            self.database.query(
                "SELECT result, count(action_id) FROM itsm_transition_outcome o"
                " WHERE result <> 'open' GROUP BY result ORDER BY result"
            ),
            [["achieved", "0"], ["missed", "1"]],
        )
        major = """
            SELECT count(*) FROM itsm_change c
              JOIN itsm_transition_plan p ON p.id = c.transition_plan_id
             WHERE c.is_major AND p.state = 'approval' AND c.state = 'assessment'
        """
        self.assertEqual(self._count(major), 1)

    def test_customers_are_told_of_changes_to_come(self):
        found = self.database.run(
            AS_EACH
            + """
result = {
    login: len(each[login]['itsm.change']._get_portal_announcements())
    for login in ('customer', 'keyuser')
}
"""
        )
        self.assertEqual(found, {"customer": 2, "keyuser": 2})

    def test_two_changes_that_wait_disturb_each_other_through_the_graph(self):
        found = self.database.run(
            AS_EACH
            + """
changes = each['manager']['itsm.change'].search([('state', '=', 'approval')])
result = [
    [row['kind'] for row in change.collisions if row['id'] in changes.ids]
    for change in changes
]
"""
        )
        self.assertEqual(found, [["dependency"], ["dependency"]])
