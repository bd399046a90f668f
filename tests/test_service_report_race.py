"""Two people make the same issue of a service report at once: there is one.

In a database of its own, as it takes transactions that are committed.
"""

from contextlib import ExitStack

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database

STORY = """
from unittest.mock import patch
from psycopg2 import OperationalError
from odoo.exceptions import UserError
from odoo.tools import mute_logger

report = env["itsm.service.report"].create({
    "name": "Desk", "audience": "internal", "purpose": "To see",
    "date_from": "2020-01-01"})
env.cr.commit()
Issue = env.registry["itsm.service.report.issue"]
told = []

def make(cr):
    found = env(cr=cr, context={})["itsm.service.report"].browse(report.id)
    return found._make_issue(found._get_next_period())

with patch.object(Issue, "_render_pdf", lambda _issue: b"%PDF"), \\
        mute_logger("odoo.sql_db"), \\
        env.registry.cursor() as first, env.registry.cursor() as second, \\
        env.registry.cursor() as third:
    # The third one has looked at the world before the first one is done.
    third.execute("SELECT count(*) FROM itsm_service_report_issue")
    make(first)
    try:
        make(second)
    except UserError as error:
        told.append(str(error))
    second.rollback()
    first.commit()
    for _attempt in range(2):
        try:
            period = env(cr=third, context={})["itsm.service.report"].browse(
                report.id)._get_next_period().previous()
            found = env(cr=third, context={})["itsm.service.report"].browse(report.id)
            found._make_issue(period if _attempt else found._get_next_period())
        except OperationalError as error:
            told.append(error.pgcode)
        except UserError as error:
            told.append(str(error))
        third.rollback()
        third.cache.clear()
env.cr.rollback()
env.invalidate_all()
result = [told, report.issue_ids.mapped("name"), report.reference]
"""


@tagged("post_install", "-at_install")
class TestServiceReportRace(BaseCase):
    def test_of_two_at_once_one_makes_the_issue_and_the_other_is_told(self):
        with ExitStack() as stack:
            database = stack.enter_context(fresh_database(["itsm_sla"]))
            told, issues, reference = database.run(STORY)
        self.assertEqual(issues, [f"{reference}-01"])
        self.assertIn("is being made at this moment", told[0])
        self.assertEqual(told[1], "40001", "the server starts the request anew")
        self.assertIn("reports this period already", told[2])
