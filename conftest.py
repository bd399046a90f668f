"""For every test: Hypothesis profiles, and browser tests that must not hide.

Without chromium, Odoo's browser tests are skipped, with a line that says so at the
end. With ``CI`` set, that is a failure.
"""

import os

import pytest
from hypothesis import settings

settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")

NO_BROWSER = "Chrome executable not found"
ADVICE = "no chromium found (on Debian: apt-get install chromium)"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and NO_BROWSER in str(report.longrepr):
        if os.environ.get("CI"):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: {ADVICE}, and CI must run browser tests"
        else:
            report.user_properties.append(("without_browser", True))


def pytest_terminal_summary(terminalreporter):
    count = sum(
        ("without_browser", True) in report.user_properties
        for report in terminalreporter.stats.get("skipped", [])
    )
    if count:
        terminalreporter.write_line(
            f"{count} browser tests were SKIPPED: {ADVICE}", yellow=True, bold=True
        )
