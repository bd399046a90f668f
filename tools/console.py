"""What a person reads while ``itsm`` works, and how it fails."""

import errno
import sys
import time
from contextlib import contextmanager


class Failure(Exception):
    """An expected failure: one sentence that says what is wrong and what to do."""


def say(text=""):
    print(text, flush=True)


def complain(text):
    print(f"itsm: {text}", file=sys.stderr, flush=True)


@contextmanager
def step(text, expected=""):
    """Announce a step with how long it may take, and say how long it took."""
    say(f"{text}{f' ({expected})' if expected else ''} ...")
    start = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - start:.0f} s")


def disk_full(where):
    return Failure(
        f"the disk holding {where} is full. Free some space (a first set-up needs"
        " 4 GB) or set ITSM_CACHE to a folder on another disk, then run it again."
    )


def explain_os_error(error):
    """Turn an operating system error into a :class:`Failure`, or return None."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(error.filename or "the cache folder")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        return Failure(
            f"cannot write {error.filename or 'the cache folder'}: {error.strerror}."
            " Set ITSM_CACHE to a folder of your own, then run it again."
        )
    return None
