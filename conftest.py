"""For every test: Hypothesis profiles, and browser tests that must not hide.

Without chromium, Odoo's browser tests are skipped, with a line that says so at the
end. With ``CI`` set, that is a failure.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_odoo
from hypothesis import settings

from odoo.tools import config

settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")

NO_BROWSER = "Chrome executable not found"
ADVICE = "no chromium found (on Debian: apt-get install chromium)"


@contextmanager
def own_filestore(original, database):
    """Give each worker of pytest-xdist attachments of its own, as linked copies.

    With the one that pytest-odoo shares between them, a worker loses files: after each
    class of tests Odoo deletes whatever its own database does not know.
    """
    if database == original:
        yield
        return
    target = Path(config.filestore(database))
    shutil.rmtree(target, ignore_errors=True)
    source = Path(config.filestore(original))
    if source.is_dir():
        shutil.copytree(source, target, copy_function=os.link)
    try:
        yield
    finally:
        shutil.rmtree(target, ignore_errors=True)


pytest_odoo._shared_filestore = own_filestore


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
