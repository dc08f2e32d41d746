"""The filter language: Wireshark's display filters over PDUs, tasks, connections and sessions.

>>> from iscsi_analyzer import analyse
>>> from iscsi_analyzer.query import QueryError, compile_filter
>>> with analyse("samples/u03_login_inquiry.pcap.zst") as analysis:
...     int(compile_filter('iscsi.opcode == "SCSI Command" && scsi.lun == 1').pdus(analysis.store).sum())
1

README.md beside this file describes the language and lists the fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iscsi_analyzer.query.errors import QueryError

if TYPE_CHECKING:
    from iscsi_analyzer.query.field import QueryField
    from iscsi_analyzer.query.filter import Filter

__all__ = ["QueryError", "compile_filter", "every_field"]


def compile_filter(text: str) -> Filter:
    """The filter with that text; an empty one lets everything pass. Raises QueryError, and nothing else."""
    from iscsi_analyzer.query.filter import Filter

    return Filter(text)


def every_field() -> dict[str, QueryField]:
    """Every field of the language by its name."""
    from iscsi_analyzer.query.fields import fields

    return fields()
