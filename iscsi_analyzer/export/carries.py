"""What a TCP connection without iSCSI may carry, told by its first bytes. A guess, and said as one."""

from __future__ import annotations

from iscsi_analyzer.streams.connection import Connection

_HTTP = (
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"OPTIONS ",
    b"DELETE ",
    b"CONNECT ",
    b"PATCH ",
    b"TRACE ",
    b"HTTP/",
    b"PRI *",
)
SHOWN = 24
"First bytes that are looked at, and shown if they are text."
_NVME_CONNECT = b"\x00\x00\x80"


def looks_like(first: bytes, second: bytes) -> str:
    """A name for the protocol that begins with these bytes in its two directions; empty if none comes to mind."""
    for sign in (first, second):
        if sign.startswith(_HTTP):
            return "HTTP"
        if sign[:1] in (b"\x14", b"\x15", b"\x16", b"\x17") and sign[1:2] == b"\x03" and sign[2:3] <= b"\x04":
            return "TLS"
        if sign.startswith(b"SSH-"):
            return "SSH"
        if sign[4:8] in (b"\xffSMB", b"\xfeSMB"):
            return "SMB"
        if sign.startswith(_NVME_CONNECT) and sign[4:8] == b"\x80\x00\x00\x00":
            return "NVMe/TCP"
    return ""


def carries(connection: Connection) -> str:
    """What to say of a connection that was not recognised as iSCSI: a protocol, its first bytes, or why there are
    none."""
    first, second = connection.first.sign, connection.second.sign
    if not first and not second:
        return _without_data(connection)
    name = looks_like(first, second)
    if name:
        return name
    sign = first or second
    begin = sign[:SHOWN]
    if all(32 <= byte < 127 or byte in b"\r\n\t" for byte in begin) and begin.strip():
        return f'text beginning with "{begin.decode().strip().splitlines()[0]}"'
    if not any(sign):
        return "nothing but zero bytes"
    return f"bytes beginning with {begin[:12].hex(' ')}"


def _without_data(connection: Connection) -> str:
    if connection.syn and not connection.syn_ack:
        refused = connection.first.rst or connection.second.rst
        return "refused" if refused else "not answered"
    if connection.syn_ack:
        return "opened, nothing sent"
    return "nothing sent"
