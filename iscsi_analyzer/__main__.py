"""`python -m iscsi_analyzer` is the command `iscsi-analyzer`."""

from __future__ import annotations

import sys

from iscsi_analyzer.cli import main

if __name__ == "__main__":
    sys.exit(main())
