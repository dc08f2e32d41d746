"""What is remembered from one connection to the next."""

from __future__ import annotations

from iscsi_analyzer.listener import Listener
from iscsi_analyzer.model.sessions import Sessions
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.history import MAX_REMEMBERED, MOST_CONNECTIONS, few, remember, shown
from iscsi_analyzer.streams.connection import Connection


def test_the_oldest_entry_is_forgotten_first() -> None:
    """However many logins there are, and also if one is written again."""
    table: dict[int, int] = {}
    for number in range(MAX_REMEMBERED):
        remember(table, number, number)
    remember(table, 0, -1)
    remember(table, MAX_REMEMBERED, 0)
    assert len(table) == MAX_REMEMBERED
    assert table[0] == -1 and 1 not in table and 2 in table


def test_addresses_are_shown_as_people_write_them() -> None:
    assert shown(bytes((192, 0, 2, 1))) == "192.0.2.1"
    assert shown(bytes.fromhex("20010db8" + "00" * 11 + "01")) == "2001:db8::1"


def test_sessions_of_very_many_connections_are_not_compared() -> None:
    """Whoever opens thousands of connections takes no time of the analysis with it; what is right stays right."""
    listener = Listener(Options())
    follower = Sessions().follow(Connection(listener, listener.rows, b"", b"", b"", b""))
    assert few(follower)
    follower.session.connections.extend(range(2, MOST_CONNECTIONS + 1))
    assert few(follower)
    follower.session.connections.append(MOST_CONNECTIONS + 1)
    assert not few(follower)
