"""Finding the next header after framing was lost: a gap swallowed a header, or the capture starts in mid-stream.

Compiled, stateless. A place is accepted when its header passes the strict test and something independent agrees: it
begins a TCP segment (senders start most PDUs there), or its digest is right, or the header that its lengths point to is
possible too, or its task is known.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_be
from mypy_extensions import i64

from dissectors.iscsi.digest import crc32c
from iscsi_analyzer.streams.context import FramingContext
from iscsi_analyzer.streams.plausible import (
    KIND_FIXED_F,
    KIND_TO_INITIATOR,
    KIND_TO_TARGET,
    KINDS,
    strict,
)

_M32: Final = 0xFFFFFFFF


def body_length(first_word: i64, header_digest: i64, data_digest: i64) -> i64:
    """Bytes that follow a basic header: additional headers, data, padding and digests (RFC 7143 section 11.2).

    The digest arguments are 1 when that digest is in use; the data digest is there only with a data segment (section
    11.2.3).
    """
    data = first_word & 0xFFFFFF
    length = ((first_word >> 24) & 0xFF) * 4 + header_digest * 4
    if data:
        length += ((data + 3) & ~3) + data_digest * 4
    return length


def find_header(
    buf: bytes,
    start: i64,
    end: i64,
    step: i64,
    to_target: bool,
    header_digest: i64,
    data_digest: i64,
    context: FramingContext | None,
) -> i64:
    """The first place in buf[start:end] where framing can go on, or -1.

    `step` is 4 when header positions are known to be multiples of four from `start`, else 1. Digest arguments: 0 off,
    1 on, 2 unknown. `context` knows the open tasks of the connection.
    """
    offset = start
    wanted: i64 = KIND_TO_TARGET if to_target else KIND_TO_INITIATOR
    while end - offset >= 48:
        # Most places are sorted out here, which matters without a compiler.
        kind: i64 = KINDS[buf[offset] & 0x3F]
        if not kind & wanted or (kind & KIND_FIXED_F and buf[offset + 1] < 0x80):
            offset += step
            continue
        if strict(buf, offset, 48, to_target):
            if _confirmed(buf, offset, end, to_target, header_digest, data_digest, context):
                return offset
        offset += step
    return -1


def _confirmed(
    buf: bytes,
    offset: i64,
    end: i64,
    to_target: bool,
    header_digest: i64,
    data_digest: i64,
    context: FramingContext | None,
) -> bool:
    tag = (read_i64_be(buf, offset + 16) >> 32) & _M32
    if context is not None and tag != _M32 and context.knows(tag):
        return True
    first = read_i64_be(buf, offset)
    if header_digest == 1 and end - offset >= 52 + ((first >> 24) & 0xFF) * 4:
        return digest_holds(buf, offset, first)
    low_header = 1 if header_digest == 1 else 0
    high_header = 1 if header_digest else 0
    low_data = 1 if data_digest == 1 else 0
    high_data = 1 if data_digest else 0
    for with_header in range(low_header, high_header + 1):
        for with_data in range(low_data, high_data + 1):
            following = offset + 48 + body_length(first, with_header, with_data)
            if following == end:
                return True
            rest = end - following
            if rest >= 8 and strict(buf, following, 48 if rest > 48 else rest, to_target):
                return True
    return False


def digest_holds(buf: bytes, offset: i64, first_word: i64) -> bool:
    """Whether the headers at `offset` are followed by their digest; all of that is in `buf`."""
    end = offset + 48 + ((first_word >> 24) & 0xFF) * 4
    digest = buf[end] | (buf[end + 1] << 8) | (buf[end + 2] << 16) | (buf[end + 3] << 24)
    return crc32c(buf[offset:end]) == digest


def find_digested(buf: bytes, start: i64, stop: i64, end: i64, step: i64, to_target: bool) -> i64:
    """The first place in buf[start:stop] where a header with the right digest begins, or -1; the bytes go on to
    `end`."""
    offset = start
    while offset < stop and end - offset >= 52:
        if strict(buf, offset, 48, to_target):
            first = read_i64_be(buf, offset)
            if end - offset >= 52 + ((first >> 24) & 0xFF) * 4 and digest_holds(buf, offset, first):
                return offset
        offset += step
    return -1


def confirmed(buf: bytes, offset: i64, end: i64, to_target: bool) -> bool:
    """Whether a header at `offset` leads, with whatever digests, to another one or just to the end of the segment at
    `end`."""
    return _confirmed(buf, offset, end, to_target, 2, 2, None)
