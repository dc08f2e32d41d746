"""Serial-number arithmetic on 32-bit counters (RFC 1982; RFC 7143 section 4.2.2.1; TCP sequence numbers, RFC 9293
section 3.4).

Compiled, stateless.
"""

from __future__ import annotations

from mypy_extensions import i64


def distance(later: i64, earlier: i64) -> i64:
    """How far `later` is ahead of `earlier`, from -2**31 to 2**31 - 1; negative if it is behind. Both are 32-bit
    values."""
    difference = (later - earlier) & 0xFFFFFFFF
    if difference >= 0x80000000:
        difference -= 0x100000000
    return difference
