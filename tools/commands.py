"""Running other programs: quietly, into a log, with one plain sentence on failure."""

import ctypes
import os
import re
import signal
import subprocess

from tools.console import Failure, disk_full

_SET_PARENT_DEATH_SIGNAL = 1


def run_logged(command, log, failure, **options):
    """Run a program with its output in ``log``.

    :param failure: says what failed and what to do, for the person; the last
        line that tells why and the name of the log are added
    :raise Failure: the program is missing, or its exit code is not 0
    """
    with open(log, "wb") as output:
        try:
            code = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                preexec_fn=die_with_parent,
                **options,
            ).returncode
        except FileNotFoundError as error:
            raise Failure(f"{failure} ({error.filename} is missing)") from error
    if code:
        raise explain(log, failure)


def explain(log, failure):
    """A :class:`Failure` for a program that failed, from what it wrote to ``log``."""
    text = log.read_text(errors="replace")
    if "No space left on device" in text:
        return disk_full(log.parent.parent)
    reason = last_reason(text)
    told = f" It said: {reason}." if reason else ""
    return Failure(f"{failure}{told} All of it: {log}")


def last_reason(text):
    """The line of a program's output that tells best why it failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [
        line
        for line in lines
        if re.match(
            r"(E:|ERROR:|[\w.]*(Error|Exception)\b|.*\b(FATAL|CRITICAL)\b)", line
        )
    ]
    reason = (telling or lines or [""])[-1]
    return reason[:300].rstrip(".")


def die_with_parent():
    """For ``preexec_fn``: the child ends when ``itsm`` itself is killed."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def stop(process, patience=20):
    """End a child and everything in its session, and wait for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
