"""An agent walks through a depot with a barcode scanner, in a browser."""

from odoo.tests import HttpCase, tagged

from odoo.addons.itsm_core.tests.ci_audit_common import CiAuditCase


@tagged("post_install", "-at_install")
class TestJourneyAuditScan(CiAuditCase, HttpCase):
    def test_scans_are_recorded_as_fast_as_they_come(self):
        audit = self._make_audit()
        self.start_tour(
            f"/odoo/itsm.ci.audit/{audit.id}",
            "itsm_audit_scan",
            login=self.agent.login,
            timeout=180,
        )
        found = {
            (finding.code, finding.ci_id.name, finding.location, finding.source)
            for finding in audit.finding_ids
        }
        self.assertEqual(
            found,
            {
                ("SN-1", "lap-1", "Depot, gate 1", "scan"),
                ("SN-2", "lap-2", "Depot, gate 8", "scan"),
                ("X-77", False, "Depot, gate 8", "scan"),
            },
        )
        self.assertEqual(audit.finding_ids.found_by_id, self.agent)
