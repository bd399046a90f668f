"""``itsm demo``: a database with the demo story, and a server for it."""

import errno
import json
import socket
import time
import urllib.error
import urllib.request

from tools import virtualenv
from tools.commands import explain, stop
from tools.console import Failure, say, step
from tools.locks import exclusive

START_PATIENCE = 180  # seconds


def database_name(workspace):
    return f"itsm_demo_{workspace.checkout_id}"


def story(workspace):
    """Who may log in and what to try: the one place that says so."""
    path = workspace.addons / "itsm_core" / "demo" / "logins.json"
    return json.loads(path.read_text(encoding="utf-8"))


def check_port(host, port):
    """:raise Failure: another program listens on the port"""
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = "is taken by another program"
        else:
            reason = f"cannot be used ({error.strerror})"
        raise Failure(
            f"port {port} on {host} {reason}. Stop that program or choose another port:"
            f" ./itsm demo --port {port + 1}"
        ) from error


def prepare(databases, *, fresh=False):
    """Make the demo database, or bring it up to the add-ons as they are now.

    :param fresh: make it anew, whatever is in it
    :return: its name
    """
    lock = databases.odoo.workspace.run / "demo.lock"
    with exclusive(lock, "is making the demo database"):
        return _prepare(databases, fresh)


def _prepare(databases, fresh):
    odoo = databases.odoo
    name = database_name(odoo.workspace)
    addons = odoo.addons()
    ours, _others = addons.closure(addons.own)
    facts = {
        "addons": addons.content_hashes(ours),
        "ground": virtualenv.pins_text(odoo.workspace) + odoo.source.fingerprint(),
    }
    if databases.exists(name) and not fresh:
        update(databases, name, facts)
    else:
        template = databases.template(ours, demo=True)
        with step("Making the demo database", "some seconds"):
            work = f"{name}_new"
            databases.clone(template, work)
            make_assets(odoo, work)
            databases.note(work, facts)
            databases.rename(work, name)
    return name


def update(databases, name, facts):
    """Install and update what changed since the facts noted on a database."""
    before = databases.facts(name)
    if before == facts:
        return
    known = before.get("addons", {})
    install = [addon for addon in facts["addons"] if addon not in known]
    changed = [
        a for a, value in facts["addons"].items() if known.get(a, value) != value
    ]
    if before.get("ground") != facts["ground"]:
        changed = ["base"]
    with step("Updating the demo database to changed code", "up to some minutes"):
        try:
            databases.odoo.change_modules(
                name, install=install, update=changed, demo=bool(install)
            )
        except Failure as failure:
            raise Failure(
                f"{failure} To make the demo anew instead: ./itsm demo --fresh"
            ) from failure
        make_assets(databases.odoo, name)
    databases.note(name, facts)


def make_assets(odoo, name):
    odoo.run(
        odoo.script("make_assets", odoo.config(name), name),
        odoo.workspace.logs / f"{name}-assets.log",
        "Odoo could not put its scripts and styles together.",
    )


def serve(odoo, name, host, port):
    """Serve a database until the person stops it."""
    log = odoo.workspace.logs / "demo.log"
    # Addresses in mails and of calendars lead here, whichever port it is today.
    odoo.server.query(
        f"update ir_config_parameter set value = 'http://localhost:{int(port)}'"
        " where key = 'web.base.url'",
        name,
    )
    process = odoo.start(
        name,
        log,
        http_interface=host,
        http_port=port,
        max_cron_threads=1,
    )
    try:
        _wait_until_up(process, port, log)
        welcome(odoo.workspace, port, log)
        code = process.wait()
        raise Failure(f"the server stopped by itself (exit code {code}). See {log}")
    finally:
        say("\nStopping ...")
        stop(process)


def _wait_until_up(process, port, log):
    address = f"http://127.0.0.1:{port}/web/health"
    end = time.monotonic() + START_PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise explain(log, "Odoo did not start.")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise explain(log, f"Odoo did not answer within {START_PATIENCE} s.")


def welcome(workspace, port, log):
    told = story(workspace)
    say(f"\nOdoo serves the demo at http://localhost:{port}\n")
    say("Log in with (the password is the same word):")
    for person in told["logins"]:
        say(f"  {person['login']:<10}{person['who']}")
    say("\nThings to try:")
    for number, text in enumerate(told["try"], 1):
        say(f"  {number}. {text}")
    say(f"\nThe server's log is {log}. Ctrl-C stops everything.")
