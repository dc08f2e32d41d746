"""Portals: which ones a discovery named, which were used, and which refused or did not answer."""

from __future__ import annotations

from typing import Final

import msgspec

from dissectors.iscsi.values import Address, discovered_targets, parse_address
from iscsi_analyzer.analysis.addresses import initiator_half, initiator_of, portal_of
from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.logins import COMPLETE, NOT_SEEN, REDIRECTED
from iscsi_analyzer.analysis.sessions import DISCOVERY, SessionSummary
from iscsi_analyzer.model.login import Login
from iscsi_analyzer.streams.connection import Connection

EXAMPLES: Final = 10


class Discovered(msgspec.Struct, kw_only=True):
    """A target that a discovery named."""

    session: int
    connection: int
    pdu: int
    target_name: str
    addresses: list[str]
    "With portal group tags, as sent."
    problems: list[str]


class Portal(msgspec.Struct, kw_only=True):
    """A portal: who named it, who used it."""

    portal: str
    advertised_for: list[str]
    "Target names."
    connections: int
    "Connections of Normal sessions that reached the full feature phase over it."
    redirected: int
    "Logins that it sent elsewhere."
    failed: int
    "Logins over it that failed."
    refused: int
    "TCP connections that were refused with RST."
    unanswered: int
    "TCP connections that got no answer."
    frames: list[int]
    "First frames of attempts that failed."


def portal_named(text: str) -> str:
    """A TargetAddress as address and port."""
    address = parse_address(text)
    host = f"[{address.host}]" if address.family == "ipv6" else address.host
    return f"{host}:{address.port}"


def discovered(facts: Facts) -> list[Discovered]:
    found = []
    for follower in facts.followers:
        login = follower.login
        if not any(said.key == "SendTargets" and said.to_target for said in login.said):
            continue
        number = int(follower.number)
        for name, addresses, pdu in _records(login):
            found.append(
                Discovered(
                    session=int(follower.session.number),
                    connection=number,
                    pdu=pdu,
                    target_name=name or login.value("TargetName") or "",
                    addresses=[str(address) for address in addresses],
                    problems=[address.problem for address in addresses if address.problem],
                )
            )
    return found


def _records(login: Login) -> list[tuple[str, list[Address], int]]:
    """The records of all SendTargets answers, with the PDU of each."""
    asked = next(said.pdu for said in login.said if said.key == "SendTargets" and said.to_target)
    answers: dict[int, list[tuple[str, str]]] = {}
    for said in login.said:
        if not said.to_target and said.pdu > asked:
            answers.setdefault(said.pdu, []).append((said.key, said.value))
    return [(name, addresses, pdu) for pdu, pairs in answers.items() for name, addresses in discovered_targets(pairs)]


def portals(facts: Facts, sessions: list[SessionSummary], named: list[Discovered]) -> list[Portal]:
    """Every portal that was named or tried, in order of its first appearance."""
    found: dict[str, Portal] = {}

    def of(name: str) -> Portal:
        portal = found.get(name)
        if portal is None:
            portal = found[name] = Portal(
                portal=name,
                advertised_for=[],
                connections=0,
                redirected=0,
                failed=0,
                refused=0,
                unanswered=0,
                frames=[],
            )
        return portal

    for target in named:
        for address in target.addresses:
            portal = of(portal_named(address))
            if target.target_name not in portal.advertised_for:
                portal.advertised_for.append(target.target_name)
    for session in sessions:
        for link in session.connections:
            if session.type != DISCOVERY:
                portal = of(link.portal)
                good = link.login.outcome in (COMPLETE, NOT_SEEN)
                portal.connections += good
                portal.redirected += link.login.outcome == REDIRECTED
                portal.failed += not good and link.login.outcome != REDIRECTED
    for connection in facts.engine.others:
        kind = attempt(connection)
        if kind:
            portal = of(portal_of(connection))
            portal.refused += kind == "refused"
            portal.unanswered += kind == "unanswered"
            if len(portal.frames) < EXAMPLES:
                portal.frames.append(connection.first_frame)
    return list(found.values())


def attempt(connection: Connection) -> str:
    """What became of a connection to an iSCSI port over which no data went: `refused`, `unanswered`, or empty."""
    if not connection.port_known or not connection.syn or connection.first.data_bytes or connection.second.data_bytes:
        return ""
    half = initiator_half(connection)
    if not connection.syn_ack and connection.closed_with == "RST" and connection.closed_by is not half:
        return "refused"
    return "unanswered" if not connection.syn_ack and not connection.closed else ""


class Attempts:
    """Connections that were tried in vain, found by portal."""

    def __init__(self, facts: Facts) -> None:
        self._by_portal: dict[str, list[tuple[int, str, str]]] = {}
        for connection in facts.engine.others:
            kind = attempt(connection)
            if kind:
                host = initiator_of(connection).rpartition(":")[0].strip("[]")
                tried = self._by_portal.setdefault(portal_of(connection), [])
                tried.append((int(connection.first_ts), host, kind))

    def after(self, hosts: list[str], portals: list[str], since: int) -> tuple[int, int]:
        """How many connections from these hosts to these portals were refused, and had no answer, from `since` on."""
        kinds = [
            kind
            for portal in portals
            for begun, host, kind in self._by_portal.get(portal, [])
            if begun >= since and host in hosts
        ]
        return kinds.count("refused"), kinds.count("unanswered")
