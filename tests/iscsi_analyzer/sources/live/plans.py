"""Plans of captures for the tests of the capture programs."""

from __future__ import annotations

from typing import Any

from iscsi_analyzer.sources.live.backend import Plan
from iscsi_analyzer.sources.live.options import Ring


def plan(**settings: Any) -> Plan:
    """A plan that differs from the simplest one in these settings."""
    simple: dict[str, Any] = {
        "interfaces": ("lo",),
        "filter": "tcp port 3260",
        "snaplen": 0,
        "promiscuous": True,
        "buffer_mib": 64,
        "path": "/x/live.pcapng",
        "ring": Ring(),
        "packets": 0,
    }
    return Plan(**{**simple, **settings})
