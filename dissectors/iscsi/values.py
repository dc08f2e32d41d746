"""Values of text keys (RFC 7143 section 6.1): numbers, binary values, ranges, lists, booleans and TargetAddress.

Every reader returns None for text that is not of its form: values come from the wire and may be anything.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from dissectors.iscsi.layout import DEFAULT_PORT

MAX_NUMBER: Final = (1 << 64) - 1
"Numerical values fit 64 bits."
MAX_NAME_LENGTH: Final = 223
"Bytes of an iSCSI name, RFC 7143 section 4.2.7.1."

REJECT: Final = "Reject"
IRRELEVANT: Final = "Irrelevant"
NOT_UNDERSTOOD: Final = "NotUnderstood"
NONE: Final = "None"
RESERVED_ANSWERS: Final = frozenset((REJECT, IRRELEVANT, NOT_UNDERSTOOD))
"Answers that mean the same for every key."

_DECIMAL = re.compile(r"[0-9]{1,20}")
_HEX_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,16}")
_HEX = re.compile(r"0[xX]([0-9a-fA-F]+)")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._\-]*[A-Za-z0-9_])?\.?")


def parse_number(text: str) -> int | None:
    """A numerical value, decimal or hexadecimal (`0x`), of at most 64 bits."""
    if _DECIMAL.fullmatch(text):
        number = int(text)
    elif _HEX_NUMBER.fullmatch(text):
        number = int(text, 16)
    else:
        return None
    return number if number <= MAX_NUMBER else None


def parse_range(text: str) -> tuple[int, int] | None:
    """A numerical range `low~high`."""
    low_text, tilde, high_text = text.partition("~")
    low, high = parse_number(low_text), parse_number(high_text)
    if not tilde or low is None or high is None or low > high:
        return None
    return low, high


def parse_binary(text: str) -> bytes | None:
    """A binary value: hexadecimal (`0x...`, an odd count gets a leading zero), base64 (`0b...`) or a decimal number."""
    found = _HEX.fullmatch(text)
    if found:
        digits = found[1]
        return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)
    if text[:2] in ("0b", "0B"):
        letters = text[2:].rstrip("=")
        try:
            return binascii.a2b_base64(letters + "=" * (-len(letters) % 4), strict_mode=True) if letters else None
        except ValueError:  # binascii.Error, or letters beyond ASCII
            return None
    number = parse_number(text)
    if number is None:
        return None
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def parse_boolean(text: str) -> bool | None:
    """`Yes` or `No`, in exactly this case."""
    return {"Yes": True, "No": False}.get(text)


def parse_list(text: str) -> list[str]:
    """A list of values, separated by commas; the empty text is an empty list."""
    return text.split(",") if text else []


@dataclass(slots=True, frozen=True)
class Address:
    """A TargetAddress (RFC 7143 section 13.8): `domainname[:port][,portal-group-tag]`."""

    host: str
    "IPv4 address, IPv6 address without brackets, or DNS name."
    port: int = DEFAULT_PORT
    "TCP port."
    tag: int | None = None
    "Portal group tag, None if absent."
    family: str = "name"
    "`ipv4`, `ipv6` or `name`."
    problem: str = ""
    "What is wrong with the text; empty if nothing is."

    def __str__(self) -> str:
        host = f"[{self.host}]" if self.family == "ipv6" else self.host
        return f"{host}:{self.port}" + ("" if self.tag is None else f",{self.tag}")


def parse_address(text: str) -> Address:
    """A TargetAddress, read as far as it makes sense; `problem` says what does not."""
    wrong: list[str] = []
    where, comma, tag_text = text.partition(",")
    tag = None
    if comma:
        tag = parse_number(tag_text)
        if tag is None or tag > 0xFFFF:
            wrong.append(f"portal group tag {tag_text[:40]!r}")
            tag = None
    host, port_text, has_port = _split_port(where, wrong)
    port = DEFAULT_PORT
    if has_port:
        number = int(port_text) if _DECIMAL.fullmatch(port_text) else 0
        if 1 <= number <= 0xFFFF:
            port = number
        else:
            wrong.append(f"port {port_text[:40]!r}")
    family = _family(host, where.startswith("["), wrong)
    return Address(host, port, tag, family, f"not understood: {', '.join(wrong)}" if wrong else "")


def _split_port(where: str, wrong: list[str]) -> tuple[str, str, bool]:
    """Host without brackets, the text after its colon, and whether there was a colon."""
    if where.startswith("["):
        host, bracket, rest = where[1:].partition("]")
        if not bracket:
            wrong.append("no closing bracket")
        elif rest and not rest.startswith(":"):
            wrong.append(f"{rest[:40]!r} after the bracket")
        return host, rest[1:], rest.startswith(":")
    if where.count(":") > 1:
        wrong.append("IPv6 address without brackets")
        return where, "", False
    host, colon, port = where.partition(":")
    return host, port, bool(colon)


def _family(host: str, bracketed: bool, wrong: list[str]) -> str:
    import ipaddress  # slow to load, and rarely needed

    if bracketed or ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            wrong.append(f"IPv6 address {host[:60]!r}")
        return "ipv6"
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        if len(host) > 255 or not _HOST.fullmatch(host):
            wrong.append(f"host {host[:60]!r}" if host else "no host")
        return "name"
    return "ipv4"


def discovered_targets(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[Address]]]:
    """The records of a SendTargets response: each TargetName with the addresses after it (RFC 7143 appendix C).

    Addresses before any name belong to the target of the session and come first, under an empty name.
    """
    found: list[tuple[str, list[Address]]] = []
    for key, value in pairs:
        if key == "TargetName":
            found.append((value, []))
        elif key == "TargetAddress":
            if not found:
                found.append(("", []))
            found[-1][1].append(parse_address(value))
    return found
