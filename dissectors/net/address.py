"""Addresses and endpoints in words for people. Not for the hot path."""

from __future__ import annotations


def address_text(address: bytes) -> str:
    """An address of 4 bytes as `192.0.2.1`, of 16 bytes as `2001:db8::1` (RFC 5952); anything else in hexadecimal."""
    if len(address) == 4:
        return ".".join(map(str, address))
    if len(address) != 16:
        return address.hex()
    if address[:12] == bytes(10) + b"\xff\xff":
        return "::ffff:" + address_text(address[12:])
    words = [f"{address[at] << 8 | address[at + 1]:x}" for at in range(0, 16, 2)]
    start, length = _longest_zeros(words)
    if length < 2:
        return ":".join(words)
    return ":".join(words[:start]) + "::" + ":".join(words[start + length :])


def endpoint_text(address: bytes, port: int) -> str:
    """Address and port as `192.0.2.1:3260` or `[2001:db8::1]:3260`."""
    text = address_text(address)
    return f"{text}:{port}" if len(address) == 4 else f"[{text}]:{port}"


def mac_text(address: bytes) -> str:
    """A link-layer address as `02:00:5e:10:00:01`."""
    return address.hex(":")


def _longest_zeros(words: list[str]) -> tuple[int, int]:
    """Place and length of the first longest run of "0"."""
    best, length = 0, 0
    at = 0
    while at < len(words):
        run = 0
        while at + run < len(words) and words[at + run] == "0":
            run += 1
        if run > length:
            best, length = at, run
        at += run + 1
    return best, length
