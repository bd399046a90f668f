"""Locks between runs of ``itsm``; the kernel drops them when a run dies."""

import fcntl
import os
from contextlib import contextmanager

from tools.console import say


class Lock:
    """A file lock, shared or exclusive, held until :meth:`release`."""

    def __init__(self, path):
        self.path = path
        self._handle = None

    def acquire(self, *, shared=False, wait=True):
        """Take the lock. Without ``wait``, return False when another run has it."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, mode | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(handle)
            return False
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle
        return True

    def release(self):
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


@contextmanager
def exclusive(path, what):
    """Hold an exclusive lock; tell the person when that means waiting.

    :param what: what the other run is doing, as in "is making the database"
    """
    lock = Lock(path)
    if not lock.acquire(wait=False):
        say(f"Waiting: another run of itsm {what} ...")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
