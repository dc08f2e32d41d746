"""`export --format pcapng`: the capture itself, with a comment at every frame that shows a finding or ends a task.

$ iscsi-analyzer export samples/m56_data_sn_wrong.pcap.zst --format pcapng -o told.pcapng
$ tshark -r told.pcapng -Y frame.comment -T fields -e frame.number -e frame.comment
    52  error dataout-datasn-gap (RFC 7143 sections 4.2.2.4 and 11.7.5): Data-Out has DataSN 0 where 1 was due
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iscsi_analyzer.export.annotations import Annotations
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.pcapng_copy import rewritten
from iscsi_analyzer.export.segments import segments_of

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis


def pieces(analysis: Analysis, part: Part) -> Iterator[bytes]:
    """The file, about a megabyte at a time. See `formats.Maker`."""
    segments = segments_of(analysis.store, part.focus, part.tasks, part.findings)
    yield from rewritten(analysis, Annotations(analysis.store, segments, tasks=part.task_comments))
