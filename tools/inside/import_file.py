"""Load tickets with their history from a file, and say what came of it.

Arguments: configuration file, database, file; ``--profile``, ``--timezone``.
"""

import argparse
import base64
import sys
from pathlib import Path

from environment import environment

from odoo.exceptions import UserError

RESULTS = (
    ("rows_total", "rows read"),
    ("rows_used", "rows used"),
    ("rows_merged", "rows that say nothing new"),
    ("rows_known", "rows loaded before"),
    ("rows_left_out", "rows left out"),
    ("tickets_created", "tickets created"),
    ("tickets_continued", "tickets continued"),
    ("tickets_unchanged", "tickets as they were"),
    ("tickets_refused", "tickets worked on here since, left alone"),
    ("tickets_left_out", "tickets left out"),
    ("spans_created", "spans written"),
    ("contacts_created", "contacts created"),
    ("teams_created", "teams created"),
    ("categories_created", "categories created"),
    ("problem_count", "remarks on the file"),
)


def show(done, total):
    print(f"\r  {done} of {total} tickets", end="", flush=True)


def main(options):
    with environment(options.config, options.database) as env:
        run = env["itsm.import"]._run_file(
            options.file,
            profile=options.profile,
            timezone=options.timezone,
            progress=show,
        )
        print()
        for name, label in RESULTS:
            print(f"  {run[name]:>9} {label}")
        if run.problem_ids:
            report = Path(f"import_{run.id}_remarks.csv").absolute()
            report.write_bytes(base64.b64decode(run.report))
            print(f"  The remarks are in {report}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    parser.add_argument("database")
    parser.add_argument("file")
    parser.add_argument("--profile")
    parser.add_argument("--timezone")
    try:
        main(parser.parse_args())
    except UserError as error:
        sys.exit(f"itsm: {error}")
    except KeyboardInterrupt:
        sys.exit("itsm: stopped. What was loaded stays; run it again for the rest.")
