"""Run Python code from standard input on a database, as Odoo's shell does.

Arguments: configuration file, database. The code has ``env``. What it leaves in
``result`` is printed as JSON on the last line; then everything is committed.
"""

import json
import sys

from environment import environment

if __name__ == "__main__":
    with environment(*sys.argv[1:3]) as env:
        names = {"env": env, "result": None}
        exec(compile(sys.stdin.read(), "<standard input>", "exec"), names)
        env.flush_all()
    print(json.dumps(names["result"], default=str))
