"""Events at 200 a second for a minute: none lost, none doubled, also by a kill.

Four clients of their own processes deliver to a real server over HTTP, each event
twice: the second time while the first may be under way. In the second round the server
is killed (SIGKILL) after a third of the time and started again; clients send again what
was not answered, as Alertmanager does. Then the database is asked what is there.

One fault in five ends and begins again, so that incidents are opened and resolved all
the while by the same server.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from statistics import quantiles

STACKS = ("itsm_core",)
RATE = int(os.environ.get("ITSM_BENCH_RATE", "200"))
SECONDS = int(os.environ.get("ITSM_BENCH_SECONDS", "60"))
CLIENTS = 4
FAULTS = 50
PATIENCE = 120  # seconds


def measure(env):
    """Yield label and text of one thing after the other."""
    for title, is_killed in (("running", False), ("killed and restarted", True)):
        code = f"bench-{int(is_killed)}"
        source = env["itsm.event.source"].create({"name": title, "code": code})
        source.rate_limit = 100000
        token = source.action_make_token()["context"]["default_token"]
        env.cr.commit()
        yield from _run(env, title, source, token, is_killed)


def _run(env, title, source, token, is_killed):
    port = _free_port()
    server = _start_server(env, port)
    url = f"/itsm/event/{source.code}"
    clients = [
        subprocess.Popen(
            [sys.executable, __file__, str(port), url, str(number)],
            env={**os.environ, "TOKEN": token, "DATABASE": env.cr.dbname},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(CLIENTS)
    ]
    try:
        if is_killed:
            time.sleep(SECONDS / 3)
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
            server = _start_server(env, port)
        told = [json.loads(client.communicate()[0]) for client in clients]
        worked = _wait_for_work(env, source)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    sent = {key for each in told for key in each["accepted"]}
    env.cr.rollback()
    env.cr.execute(
        "SELECT payload->>'id', count(*) FROM itsm_event WHERE source_id = %s"
        " GROUP BY 1",
        [source.id],
    )
    stored = dict(env.cr.fetchall())
    doubled = sum(stored.values()) - len(stored)
    env.cr.execute(
        "SELECT count(*), count(*) FILTER (WHERE state <> 'processed'),"
        " count(*) FILTER (WHERE status = 'firing' AND ticket_id IS NULL)"
        " FROM itsm_event WHERE source_id = %s",
        [source.id],
    )
    _total, unworked, unled = env.cr.fetchone()
    env.cr.execute(
        "SELECT count(*), COALESCE(max(n), 0) FROM (SELECT count(*) AS n"
        " FROM helpdesk_ticket WHERE event_source_id = %s"
        " AND itsm_state IN ('new', 'open', 'pending') AND is_event_storm IS NOT TRUE"
        " GROUP BY event_fingerprint) x",
        [source.id],
    )
    times = sorted(value for each in told for value in each["times"])
    cuts = quantiles(times, n=100)
    yield f"{title}: deliveries answered, a second", f"{len(times) / SECONDS:.0f}"
    yield (
        f"{title}: events accepted, lost, doubled",
        f"{len(sent)}, {len(sent - stored.keys())}, {doubled}",
    )
    yield (
        f"{title}: not worked on, without incident; open at most for a fault",
        f"{unworked}, {unled}; {env.cr.fetchone()[1]}",
    )
    yield (
        f"{title}: answer, median, 99 %, longest",
        f"{cuts[49] * 1000:.0f} ms, {cuts[98] * 1000:.0f} ms, {times[-1]:.1f} s",
    )
    yield f"{title}: all worked on after the last", f"{worked:.1f} s"


def _wait_for_work(env, source):
    """Return after how many seconds nothing was new any more."""
    start = time.monotonic()
    while time.monotonic() < start + PATIENCE:
        env.cr.rollback()
        env.cr.execute(
            "SELECT count(*) FROM itsm_event WHERE source_id = %s AND state = 'new'",
            [source.id],
        )
        if not env.cr.fetchone()[0]:
            break
        time.sleep(0.2)
    return time.monotonic() - start


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _start_server(env, port):
    from odoo.tools import config

    options = ["-c", config["config"], "-d", env.cr.dbname, "--log-level=error"]
    options += [f"--http-port={port}", "--http-interface=127.0.0.1"]
    options += ["--max-cron-threads=1", "--workers=0"]
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "odoo", *options],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/web/health")
            if connection.getresponse().status == 200:
                return server
        time.sleep(0.2)
    raise RuntimeError("the server does not answer")


# ----------------------------------------------------------------------
# A client, in a process of its own
# ----------------------------------------------------------------------


def deliver(port, url, number):
    """Send this client's share, at its pace, and print what was accepted."""
    accepted, times = [], []
    connection = None
    start = time.monotonic()
    for turn in range(RATE * SECONDS // CLIENTS):
        time.sleep(max(0, start + turn * CLIENTS / RATE - time.monotonic()))
        # Two clients send the same events, at the same pace.
        key = f"{number // 2}-{turn}"
        fault = f"fault-{turn % FAULTS}"
        is_end = turn % 5 == 4 and turn // FAULTS % 2
        body = json.dumps(
            {
                "id": key,
                "title": f"{fault} of {number // 2}",
                "fingerprint": f"{number // 2}-{fault}",
                "status": "resolved" if is_end else "firing",
                "labels": {"instance": fault, "severity": "warning"},
            }
        )
        sent = time.monotonic()
        while True:
            try:
                connection = connection or http.client.HTTPConnection(
                    "127.0.0.1", port, timeout=30
                )
                connection.request(
                    "POST",
                    url,
                    body,
                    {
                        "Authorization": f"Bearer {os.environ['TOKEN']}",
                        "Content-Type": "application/json",
                        "X-Odoo-Database": os.environ["DATABASE"],
                    },
                )
                answer = connection.getresponse()
                answer.read()
                if answer.status == 202:
                    break
            except (OSError, http.client.HTTPException):
                connection = None
            if time.monotonic() > sent + PATIENCE:
                raise RuntimeError("no answer")
            time.sleep(0.2)
        times.append(time.monotonic() - sent)
        accepted.append(key)
    json.dump({"accepted": accepted, "times": times}, sys.stdout)


if __name__ == "__main__":
    deliver(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
