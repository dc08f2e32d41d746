"""Values as people write them in filters: numbers, times, addresses, bytes, truth. Pure functions from text to value.

Each takes the text of a word or string and returns its value, or raises `Unreadable` with what is wrong.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

UNITS: Final[dict[str, int]] = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "min": 60_000_000_000,
    "h": 3_600_000_000_000,
}
"Unit of a duration -> nanoseconds."

_NUMBER = re.compile(r"([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)", re.ASCII)
_DURATION = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?)([a-zµμ]*)")
_DIGITS_AT_MOST: Final = 80
_HOURS_AT_MOST: Final = 1 << 62

_ISO = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?", re.ASCII
)
_WIRESHARK = re.compile(
    r"([A-Z][a-z]{2}) +(\d\d?), +(\d{4})(?: +(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|UTC)?", re.ASCII
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_BYTES = re.compile(r"[0-9a-fA-F]{2}(?:([:.-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2})*[:]?)?|[0-9a-fA-F]{2}:")
_HEX_RUN = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2})+)")


class Unreadable(ValueError):
    """The text is no such value; says so in words that complete "... is"."""


def number(text: str) -> int:
    """Decimal, hexadecimal (0x), octal (0, 0o) or binary (0b), with or without a sign."""
    found = _NUMBER.fullmatch(text)
    if found is None or len(text) > _DIGITS_AT_MOST:
        raise Unreadable("not a whole number")
    sign, digits = found.groups()
    octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    value = int(digits, 8) if octal else int(digits, 0)
    return -value if sign == "-" else value


def truth(text: str) -> int:
    """True and False in any case, or a number: 0 is false."""
    word = text.lower()
    if word in ("true", "false"):
        return int(word == "true")
    try:
        return int(number(text) != 0)
    except Unreadable:
        raise Unreadable("neither True nor False") from None


def duration(text: str) -> int:
    """Seconds, or a number with a unit of UNITS, in nanoseconds; fractions of a nanosecond are cut off."""
    found = _DURATION.fullmatch(text)
    if found is None or len(text) > _DIGITS_AT_MOST:
        raise Unreadable("not a time: 0.005, 5ms, 20us")
    unit = UNITS.get(found[2] or "s")
    if unit is None:
        raise Unreadable(f"not a time: there is no unit {found[2]}, only {', '.join(_UNITS_TO_NAME)}")
    try:
        value = int(Decimal(found[1]) * unit)
    except (InvalidOperation, OverflowError):
        raise Unreadable("not a time") from None
    if abs(value) > _HOURS_AT_MOST:
        raise Unreadable("too long a time")
    return value


_UNITS_TO_NAME: Final = ("ns", "us", "ms", "s", "min", "h")


def moment(text: str) -> int:
    """A point in time in nanoseconds since 1970: seconds as a decimal number, or a date with or without a time, in UTC
    unless it says otherwise."""
    for pattern, dated in ((_ISO, _iso), (_WIRESHARK, _wireshark)):
        found = pattern.fullmatch(text.strip())
        if found is not None:
            try:
                return dated(found)
            except (ValueError, OverflowError):
                raise Unreadable("no date of the calendar") from None
    try:
        return duration(text)
    except Unreadable:
        raise Unreadable('neither seconds since 1970 nor a date like "2026-11-20 11:05:22.5"') from None


def _iso(found: re.Match[str]) -> int:
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    value = _ns((int(year), int(month), int(day)), hour, minute, second, fraction)
    if zone and zone[0] in "+-":
        offset = int(zone[1:3]) * 60 + int(zone[-2:])
        value -= (offset if zone[0] == "+" else -offset) * UNITS["min"]
    return value


def _wireshark(found: re.Match[str]) -> int:
    month, day, year, hour, minute, second, fraction, _ = found.groups()
    return _ns((int(year), _MONTHS.index(month) + 1, int(day)), hour, minute, second, fraction)


def _ns(day: tuple[int, int, int], hour: str | None, minute: str | None, second: str | None, more: str | None) -> int:
    start = datetime(*day, int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    return (start - _EPOCH) // timedelta(seconds=1) * UNITS["s"] + int((more or "0").ljust(9, "0"))


def octets(text: str) -> bytes:
    """Bytes in hexadecimal: 00:11:22 (or with - or . between them), one byte, or a run of digits with or without 0x."""
    found = _HEX_RUN.fullmatch(text)
    if found is not None:
        return bytes.fromhex(found[1])
    if _BYTES.fullmatch(text):
        return bytes.fromhex(re.sub(r"[:.-]", "", text))
    raise Unreadable("not bytes: 00:11:22")


def network(text: str, version: int) -> Network:
    """An address of IP `version`, or with a prefix length (or an IPv4 mask) the network that it is in."""
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        raise Unreadable(f"not an IPv{version} address") from None
    if found.version != version:
        raise Unreadable(f"an IPv{found.version} address, not an IPv{version} one")
    return found


def address(text: str, version: int) -> Address:
    """An address of IP `version`."""
    try:
        found = ip_address(text)
    except ValueError:
        raise Unreadable(f"not an IPv{version} address") from None
    if found.version != version:
        raise Unreadable(f"an IPv{found.version} address, not an IPv{version} one")
    return found
