"""Entry point: ``python3 tools ARGUMENTS``, as the script ``itsm`` runs it."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Only the checkout, not this folder: its modules are imported as ``tools.…``.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from tools.cli import main

    sys.exit(main(sys.argv[1:]))
