"""Data segments with sense data: SenseLength, sense data, and more (RFC 7143 sections 11.4.7 and 11.9.4)."""

from __future__ import annotations

from dissectors.fields import Node, Problem
from dissectors.iscsi import scsi_parts
from dissectors.iscsi.base import Segment, plain

_PREFIX = 2  # bytes of SenseLength


def split_sense(data: bytes) -> tuple[int, bytes, bytes]:
    """SenseLength (-1 if it is missing), the sense data as far as captured, and what follows it."""
    if len(data) < _PREFIX:
        return -1, b"", data
    length = int.from_bytes(data[:_PREFIX], "big")
    end = _PREFIX + length
    return length, data[_PREFIX:end], data[end:]


def sense_segment(data: bytes, rest_label: str, rest_filter: str) -> Segment:
    """The segment as nodes; `rest_label` names what follows the sense data."""
    segment = Segment()
    length, sense, rest = split_sense(data)
    if length < 0:
        if rest:
            segment.nodes.append(plain(rest_label, rest, 0, rest_filter))
            segment.problems.append(Problem("sense-length", "no room for SenseLength", 0, len(rest)))
        return segment
    node = Node("SenseLength", length, str(length), 0, _PREFIX, 0, "iscsi.scsiresponse.senselength")
    segment.nodes.append(node)
    if length > len(sense):
        node.problem = f"{len(sense)} bytes of sense data follow"
        segment.problems.append(Problem("sense-length", f"SenseLength {length}, {node.problem}", 0, _PREFIX))
    if sense:
        segment.nodes.append(scsi_parts.sense_node(sense, _PREFIX))
    if rest:
        segment.nodes.append(plain(rest_label, rest, _PREFIX + length, rest_filter))
    return segment


def first_sense(data: bytes) -> list[str]:
    """The sense data in words for a summary line; empty if there is none."""
    _, sense, _ = split_sense(data)
    return [scsi_parts.sense_text(sense)] if sense else []
