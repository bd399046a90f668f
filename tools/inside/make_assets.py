"""Make the bundles of scripts and styles, so that the first page comes at once.

Arguments: configuration file, database.
"""

import sys

from environment import environment

if __name__ == "__main__":
    with environment(*sys.argv[1:3]) as env:
        env["ir.qweb"]._pregenerate_assets_bundles()
