"""What holds for every test: where the code under test comes from, and how hypothesis looks for examples.

The root of the repository is appended to the import path, never put in front: helpers are found as `tests.support...`,
and the packages under test come from where the caller says: from an installed wheel, or from the tree when it is on
PYTHONPATH (or when nothing is installed). `make test` runs both ways and names the one that it wants in
ISCSI_ANALYZER_EXPECT_BUILD.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

# The same examples every time, and no verdict that depends on the speed of the machine.
settings.register_profile("steady", derandomize=True, deadline=None)
# For a search of one's own: pytest --hypothesis-profile=explore
settings.register_profile("explore", derandomize=False, deadline=None, max_examples=2000)
settings.load_profile("steady")


def pytest_report_header() -> str:
    """Says in the first lines of a run what is being tested."""
    from iscsi_analyzer import build_info

    return f"code under test: {build_info.describe()}, from {Path(build_info.__file__).parent.parent}"
