"""Load tickets with their history from a file, and say what came of it.

Arguments: configuration file, database, file; ``--profile``, ``--timezone``.
"""

import argparse

from environment import environment


def show(done, total):
    print(f"\r  {done} of {total} rows", end="", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    parser.add_argument("database")
    parser.add_argument("file")
    parser.add_argument("--profile")
    parser.add_argument("--timezone")
    options = parser.parse_args()
    with environment(options.config, options.database) as env:
        env["itsm.import"]._run_file(
            options.file,
            profile=options.profile,
            timezone=options.timezone,
            progress=show,
        )
