"""Addresses and ports of connections as text."""

from __future__ import annotations

from iscsi_analyzer.streams.connection import Connection
from iscsi_analyzer.streams.tcp import Half


def endpoint(raw: bytes) -> str:
    """`192.0.2.1:3260` or `[2001:db8::1]:3260` from address bytes with two bytes of port behind them."""
    return joined(host(raw), port(raw))


def joined(host_text: str, port_number: int) -> str:
    """Host and port; IPv6 addresses get brackets."""
    return f"[{host_text}]:{port_number}" if ":" in host_text else f"{host_text}:{port_number}"


def host(raw: bytes) -> str:
    """The address in front of the two bytes of port."""
    import ipaddress

    address = raw[:-2]
    if len(address) in (4, 16):
        return str(ipaddress.ip_address(address))
    return address.hex()


def port(raw: bytes) -> int:
    """The port at the end."""
    return int.from_bytes(raw[-2:], "big")


def initiator_half(connection: Connection) -> Half:
    """The direction in which the initiator sends; the first one seen while that is not known."""
    return connection.to_target if connection.to_target is not None else connection.first


def target_half(connection: Connection) -> Half:
    """The direction in which the target sends."""
    return connection.second if initiator_half(connection) is connection.first else connection.first


def initiator_of(connection: Connection) -> str:
    """Where the initiator is."""
    return endpoint(initiator_half(connection).source)


def portal_of(connection: Connection) -> str:
    """The target's portal."""
    return endpoint(initiator_half(connection).destination)
