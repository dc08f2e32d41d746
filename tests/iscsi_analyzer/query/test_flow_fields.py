"""Addresses and ports are those of the frame that a PDU came in: the sender is the source."""

from __future__ import annotations

from tests.iscsi_analyzer.stores import found, found_tasks, store_of, varied
from tests.support.talk import Talk


def test_the_sender_is_the_source() -> None:
    store = varied()
    to_target = [number for number, row in enumerate(store.rows(), 1) if row.to_target]
    assert found("ip.src == 192.0.2.1", store) == found("ip.dst == 192.0.2.2", store) == to_target
    assert found("tcp.dstport == 3260", store) == to_target
    assert found("tcp.srcport != 3260", store) == to_target
    assert found('iscsi.pdu.direction == "I2T"', store) == to_target


def test_either_end_may_be_meant() -> None:
    store = varied()
    everything = found("", store)
    assert found("ip.addr == 192.0.2.1", store) == found("tcp.port == 3260", store) == everything
    assert found("ip.addr != 192.0.2.1", store) == found("tcp.port != 3260", store) == []
    assert found("ip.addr !== 192.0.2.1", store) == found("any tcp.port != 3260", store) == everything
    assert found("all tcp.port > 1024", store) == everything
    assert found("ip.addr == 192.0.2.0/24 && !(ip.addr == 10.0.0.0/8)", store) == everything
    assert found("ip.addr in {192.0.2.2..192.0.2.9}", store) == everything


def test_addresses_have_a_version() -> None:
    store = store_of(Talk(initiator="2001:db8::1", target="2001:db8::2").open().frames)
    assert found("ipv6.src == 2001:db8::1", store) == found("iscsi.pdu.direction == I2T", store) != []
    assert found("ip", store) == found("ip.addr != 1.2.3.4", store) == []
    assert found("ipv6", store) == found("ipv6.addr == 2001:db8::/32", store) == found("", store)
    assert found("ipv6", varied()) == []


def test_connections_are_numbered_from_0_as_streams() -> None:
    for number, row in enumerate(varied().rows(), 1):
        assert number in found(f"tcp.stream == {row.connection - 1}", varied())


def test_a_task_has_the_ports_of_both_directions() -> None:
    assert found_tasks("tcp.srcport == 3260", varied()) == found_tasks("", varied())
    ports = {row.connection: varied().connections[row.connection - 1].first.source[-2:] for row in varied().rows()}
    port = int.from_bytes(ports[1], "big")
    assert found_tasks(f"tcp.srcport == {port}", varied()) == found_tasks("iscsi.connection.number == 1", varied())
