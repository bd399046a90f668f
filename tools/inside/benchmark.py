"""Run one of the measurements in ``bench/`` on a database, a step at a time.

Arguments: configuration file, database, file. For each line that comes in, one step is
done and its figures go out as a line of JSON: label, count, seconds, queries.
"""

import json
import runpy
import sys
from pathlib import Path

from environment import environment

if __name__ == "__main__":
    # Files of measurements share what they have in common.
    sys.path.insert(0, str(Path(sys.argv[3]).parent))
    with environment(*sys.argv[1:3]) as env:
        steps = runpy.run_path(sys.argv[3])["measure"](env)
        for _line in sys.stdin:
            figures = next(steps, None)
            if figures is None:
                break
            print(json.dumps(figures), flush=True)
