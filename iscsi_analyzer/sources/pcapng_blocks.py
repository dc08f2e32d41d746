"""The rare blocks of pcapng: what section headers, interface descriptions and statistics say. Pure functions of bytes.

Not hot: a file has a handful of these. Layout and option codes as in the IETF draft draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

from typing import Final, Literal

from iscsi_analyzer.sources.facts import InterfaceFacts

TIME_MAX: Final = 1 << 62
"Times are clamped to this (ns): no honest file reaches it, and sums of two stay within 63 bits."
OPTIONS_MAX: Final = 4096
"More options of one block are ignored."
TEXT_MAX: Final = 4096
"Longer texts are cut (bytes)."

COMMENT: Final = 1


def byte_order(big_endian: bool) -> Literal["little", "big"]:
    """The word for a section's byte order."""
    return "big" if big_endian else "little"


def options(data: bytes, big_endian: bool) -> list[tuple[int, bytes]]:
    """Code and value of each option, up to the end mark, the end of the bytes, or an option that does not fit."""
    order = byte_order(big_endian)
    found: list[tuple[int, bytes]] = []
    off = 0
    while off + 4 <= len(data) and len(found) < OPTIONS_MAX:
        code = int.from_bytes(data[off : off + 2], order)
        length = int.from_bytes(data[off + 2 : off + 4], order)
        off += 4
        if code == 0 or off + length > len(data):
            break
        found.append((code, data[off : off + length]))
        off += (length + 3) & ~3
    return found


def text(value: bytes) -> str:
    """An option's text; broken UTF-8 and padding do no harm."""
    return value[:TEXT_MAX].decode("utf-8", "replace").rstrip("\0")


def parse_interface(body: bytes, big_endian: bool) -> tuple[InterfaceFacts, int]:
    """The interface that a block's body (without type and lengths) describes, and its raw `if_tsresol` byte."""
    order = byte_order(big_endian)
    facts = InterfaceFacts()
    facts.linktype = int.from_bytes(body[0:2], order) if len(body) >= 8 else -1
    facts.snaplen = int.from_bytes(body[4:8], order)
    tsresol = 6
    for code, value in options(body[8:], big_endian):
        if code == COMMENT:
            facts.comments.append(text(value))
        elif code == 2:
            facts.name = text(value)
        elif code == 3:
            facts.description = text(value)
        elif code == 9 and value:
            tsresol = value[0]
        elif code == 11 and value:
            # The first byte says how the filter is written; 0 is a string for libpcap.
            facts.filter = text(value[1:]) if value[0] == 0 else f"(not a text: {len(value) - 1} bytes)"
        elif code == 12:
            facts.os = text(value)
        elif code == 14 and len(value) == 8:
            facts.offset_seconds = int.from_bytes(value, order, signed=True)
        elif code == 15:
            facts.hardware = text(value)
    facts.resolution = resolution_words(tsresol)
    return facts, tsresol


def enter_statistics(facts: InterfaceFacts, tsresol: int, body: bytes, big_endian: bool) -> None:
    """Enter the counters of a statistics block's body into the interface that it is about; a later block overrides."""
    order = byte_order(big_endian)
    for code, value in options(body[12:], big_endian):
        if len(value) != 8:
            continue
        number = int.from_bytes(value, order)
        if code in (2, 3):
            high, low = int.from_bytes(value[:4], order), int.from_bytes(value[4:], order)
            ns = time_ns(high, low, tsresol, facts.offset_seconds)
            if code == 2:
                facts.start_ns = ns
            else:
                facts.end_ns = ns
        elif code == 4:
            facts.received = number
        elif code == 5:
            facts.dropped_interface = number
        elif code == 6:
            facts.filter_accepted = number
        elif code == 7:
            facts.dropped_os = number
        elif code == 8:
            facts.delivered = number


def time_ns(high: int, low: int, tsresol: int, offset_seconds: int) -> int:
    """Exact nanoseconds of a time stamp in any resolution (rounded down), clamped to +-TIME_MAX."""
    units = high << 32 | low
    exponent = tsresol & 0x7F
    if tsresol & 0x80:
        ns = units * 1_000_000_000 >> exponent
    elif exponent <= 9:
        ns = units * 10 ** (9 - exponent)
    else:
        ns = units // 10 ** (exponent - 9)
    ns += offset_seconds * 1_000_000_000
    return max(-TIME_MAX, min(TIME_MAX, ns))


def fast_time(tsresol: int, offset_seconds: int) -> tuple[int, int, int]:
    """`(multiplier, addend, high limit)`: a time stamp whose upper half is below the limit is `units * multiplier +
    addend` ns without leaving 63 bits. The limit is 0 where only `time_ns` will do."""
    addend = offset_seconds * 1_000_000_000
    if tsresol > 9 or abs(addend) > TIME_MAX // 2:
        return 0, 0, 0
    multiplier = 10 ** (9 - tsresol)
    return multiplier, addend, (TIME_MAX // multiplier) >> 32


def resolution_words(tsresol: int) -> str:
    """The unit that an `if_tsresol` byte means."""
    words = {0: "s", 3: "ms", 6: "us", 9: "ns"}
    if tsresol & 0x80:
        return f"2^-{tsresol & 0x7F} s"
    return words.get(tsresol, f"10^-{tsresol} s")
