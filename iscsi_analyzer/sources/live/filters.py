"""The capture filter that is used when the user gives none: the ports of iSCSI, in the language of libpcap."""

from __future__ import annotations

from collections.abc import Iterable


def of_ports(ports: Iterable[int], *, vlan: bool, without: Iterable[int] = ()) -> str:
    """Lets TCP frames of these ports pass, with `vlan` also tagged ones; but not those that one of the ports `without`
    has to do with, too."""
    wanted = " or ".join(f"tcp port {port}" for port in ports)
    unwanted = " or ".join(f"tcp port {port}" for port in without)
    expression = f"({wanted}) and not ({unwanted})" if unwanted else wanted
    # `vlan` moves all offsets of what follows, so it comes last.
    return f"{expression} or (vlan and ({expression}))" if vlan else expression
