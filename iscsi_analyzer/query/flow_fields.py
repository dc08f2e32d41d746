"""Addresses and ports: the fields of the two directions of a connection, under Wireshark's names.

Row 2n of the flows is the direction to the initiator of connection n + 1, row 2n + 1 the one to the target.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

import numpy as np

from iscsi_analyzer.query import field as f
from iscsi_analyzer.query.scope import Level, Scope
from iscsi_analyzer.query.values import Values
from iscsi_analyzer.streams.connection import Connection

SOURCE: Final = (0,)
DESTINATION: Final = (1,)
BOTH: Final = (0, 1)


def ends(connection: Connection, to_target: bool) -> tuple[bytes, bytes]:
    """Source and destination of one direction: the bytes of the address, and two of the port."""
    sender = connection.to_target
    assert sender is not None
    direction = sender if to_target else sender.peer
    return direction.source, direction.destination


def _flows(scope: Scope, which: tuple[int, ...]) -> list[tuple[int, bytes]]:
    """The wanted ends of each flow, with its place in the scope."""
    connections = scope.moment.connections
    return [
        (place, ends(connections[row // 2], row % 2 == 1)[end])
        for place, row in enumerate(scope.numbers().tolist())
        for end in which
    ]


def _address(version: int, which: tuple[int, ...]) -> f.Reader:
    size = {4: 4, 6: 16}[version]

    def read(scope: Scope) -> Values:
        found = [(place, ip_address(end[:-2])) for place, end in _flows(scope, which) if len(end) == size + 2]
        owner = np.array([place for place, _ in found], dtype=np.int64)
        return Values(np.arange(len(found)), None, owner, [address for _, address in found])

    return read


def _port(which: tuple[int, ...]) -> f.Reader:
    def read(scope: Scope) -> Values:
        found = [(place, int.from_bytes(end[-2:], "big")) for place, end in _flows(scope, which)]
        owner = np.array([place for place, _ in found], dtype=np.int64)
        return Values(np.array([port for _, port in found], dtype=np.uint16), None, owner)

    return read


def _version(version: int) -> f.Reader:
    size = {4: 4, 6: 16}[version]

    def read(scope: Scope) -> Values:
        there = [len(end) == size + 2 for _, end in _flows(scope, SOURCE)]
        return Values(np.ones(scope.count, dtype=np.uint8), np.array(there, dtype=np.bool_))

    return read


def _stream(scope: Scope) -> Values:
    return Values(scope.numbers())


def flow_fields() -> list[f.QueryField]:
    """All of them."""
    found = []
    for version, prefix in ((4, "ip"), (6, "ipv6")):
        name = f"IPv{version}"
        found += [
            f.QueryField(prefix, f.PROTOCOL, Level.FLOW, f"the connection is over {name}", _version(version)),
            *(
                f.QueryField(
                    f"{prefix}.{part}",
                    f.ADDRESS,
                    Level.FLOW,
                    f"{about} {name} address, as on the innermost IP header",
                    _address(version, which),
                    version=version,
                    several=which == BOTH,
                )
                for part, about, which in (
                    ("src", "source", SOURCE),
                    ("dst", "destination", DESTINATION),
                    ("addr", "source or destination", BOTH),
                )
            ),
        ]
    for part, about, which in (
        ("srcport", "source", SOURCE),
        ("dstport", "destination", DESTINATION),
        ("port", "source or destination", BOTH),
    ):
        found.append(
            f.QueryField(
                f"tcp.{part}",
                f.NUMBER,
                Level.FLOW,
                f"{about} port",
                _port(which),
                largest=0xFFFF,
                several=which == BOTH,
            )
        )
    about = "number of the connection, less one (Wireshark counts other TCP connections, too)"
    return [*found, f.QueryField("tcp.stream", f.NUMBER, Level.CONNECTION, about, _stream, largest=0xFFFFFFFF)]
