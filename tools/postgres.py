"""PostgreSQL: the server that ``PGHOST`` names, or a private cluster."""

import os

from tools.console import say
from tools.postgres_private import PrivateServer
from tools.postgres_server import NamedServer


def connect(workspace, venv, name, environ=os.environ):
    """The server to use, running.

    :raise Failure: ``PGHOST`` names one that cannot be used
    """
    if environ.get("PGHOST"):
        server = NamedServer(venv.postgres / "bin", {})
        server.check()
        say(f"Using PostgreSQL at PGHOST={environ['PGHOST']}.")
        return server
    server = PrivateServer(workspace, venv, name)
    try:
        server.start()
    except BaseException:
        server.stop()
        raise
    return server
