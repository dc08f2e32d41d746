"""iscsi-analyzer, headless: captures in; connections, PDUs and what they say out.

>>> import iscsi_analyzer
>>> with iscsi_analyzer.analyse("samples/u03_login_inquiry.pcap.zst") as analysis:
...     len(analysis.store)
16
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iscsi_analyzer.options import Options
    from iscsi_analyzer.run import Analysis

__all__ = ["analyse"]


def analyse(*paths: str | os.PathLike[str], options: Options | None = None, random_access: bool = True) -> Analysis:
    """Reads captures to the end and returns what was found; several files are one capture, merged by time.

    Use the result as a context manager, or call its `close()`. Damage to the input is in its `problems`. Raises
    `iscsi_analyzer.sources.problems.SourceError` if nothing at all can be read.
    """
    from iscsi_analyzer.run import Analysis

    return Analysis(paths, options, random_access=random_access).run()
