"""The network interfaces of this machine: names at once, addresses by way of scapy when somebody asks for them."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from iscsi_analyzer.sources.live.options import ANY, LiveError

ETHERNET: Final = 1
"ARPHRD_ETHER: what Linux says of interfaces whose frames may carry VLAN tags."
_SYS = Path("/sys/class/net")


@dataclass(slots=True)
class Interface:
    """One interface."""

    number: int
    "Counted from 1, as `-D` lists them."
    name: str
    addresses: list[str] = field(default_factory=list)
    up: bool | None = None
    "Whether it is up; None if that is not known."


def names() -> list[str]:
    """The names of all interfaces, in the order of the operating system."""
    try:
        return [name for _, name in socket.if_nameindex()]
    except OSError:
        return []


def interfaces() -> list[Interface]:
    """All interfaces with their addresses, and last the one that stands for all of them."""
    found = [Interface(number, name) for number, name in enumerate(names(), 1)]
    addresses = _addresses()
    for interface in found:
        interface.addresses = addresses.get(interface.name, [])
        interface.up = is_up(interface.name)
    return [*found, Interface(len(found) + 1, ANY)]


def _addresses() -> dict[str, list[str]]:
    """Interface -> IPv4 and IPv6 addresses; empty where scapy cannot tell."""
    try:
        import scapy.arch  # the import makes the list of the interfaces
        from scapy.config import conf
    except Exception:  # scapy raises whatever it likes on systems that it does not know
        return {}
    del scapy
    found: dict[str, list[str]] = {}
    for interface in conf.ifaces.values():
        found[str(interface.name)] = [str(address) for kind in (4, 6) for address in interface.ips.get(kind, [])]
    return found


def is_up(name: str) -> bool | None:
    """Whether an interface is up; None where the system does not tell so simply."""
    try:
        return bool(int((_SYS / name / "flags").read_text(), 16) & 1)
    except (OSError, ValueError):
        return None


def is_ethernet(name: str) -> bool:
    """Whether frames of an interface are Ethernet frames from a wire, which may have VLAN tags."""
    try:
        return int((_SYS / name / "type").read_text()) == ETHERNET
    except (OSError, ValueError):
        return False


def resolve(given: str) -> str:
    """The name of the interface that is meant by a name, or by a number of `-D`. Raises LiveError."""
    known = names()
    if given == ANY or given in known or not known:
        return given
    if given.isdecimal() and 1 <= int(given) <= len(known) + 1:
        return [*known, ANY][int(given) - 1]
    listing = ", ".join(known)
    raise LiveError(f"there is no interface {given!r}; there are {listing}, and any for all of them")
