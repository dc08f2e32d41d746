"""The record of a connection says who, how the login went, what is in force, how it was and how it ended."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.connection_record import ConnectionRecord
from iscsi_analyzer.export.connections import connection_records, endpoint, other_connection
from iscsi_analyzer.options import Options
from tests.support.command import analysed
from tests.support.samples import SAMPLES
from tests.support.talk import I2T, T2I, Talk


def records(talk: Talk, options: Options | None = None) -> list[ConnectionRecord]:
    return list(connection_records(analysed(talk, options).store))


def only(talk: Talk, options: Options | None = None) -> ConnectionRecord:
    (record,) = records(talk, options)
    return record


def sample(name: str) -> list[ConnectionRecord]:
    return list(connection_records(analysed(SAMPLES / name).store))


def test_a_connection_from_handshake_to_fin() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.close()
    record = only(talk)
    assert (record.number, record.session, record.carries) == (1, 1, "iSCSI")
    assert (record.initiator_name, record.target_name) == (talk.initiator_name, talk.target_name)
    assert (record.session_type, record.target.port) == ("Normal", 3260)
    assert record.login is not None
    assert (record.login.complete, record.login.outcome) == (True, "reached the full feature phase")
    assert (record.began, record.ended, record.ended_by) == ("handshake", "FIN", "initiator")
    assert record.frame_last == len(talk.frames)
    sent = [pdu.direction for pdu in talk.pdus]
    assert record.initiator_to_target.pdus == sent.count(I2T)
    assert record.target_to_initiator.pdus == sent.count(T2I)


def test_times_are_exact_decimals() -> None:
    talk = Talk().open()
    record = only(talk)
    first, last = talk.frames[0].ts_ns, talk.frames[-1].ts_ns
    assert int(record.time.replace(".", "")) == first // 1000 * 1000
    assert record.duration_ns == last // 1000 * 1000 - first // 1000 * 1000


def test_what_the_login_settled_is_in_force() -> None:
    in_force = only(Talk(max_burst_length=65536, initial_r2t=False, data_digest=True).open()).in_force
    assert (in_force.max_burst_length, in_force.initial_r2t, in_force.immediate_data) == (65536, False, True)


def test_digests_are_negotiated_inferred_or_said() -> None:
    talk = Talk(header_digest=True).open()
    for _ in range(8):
        talk.test_unit_ready()
    record = only(talk)
    assert (record.header_digest, record.data_digest, record.digests_known_by) == ("CRC32C", "None", "negotiation")
    said = only(talk, Options(digests="header"))
    assert (said.header_digest, said.digests_known_by) == ("CRC32C", "user")
    after_login = talk.frames[9:]
    (inferred,) = connection_records(analysed(after_login).store)
    assert (inferred.header_digest, inferred.digests_known_by) == ("CRC32C", "inference")
    assert (inferred.began, inferred.login, inferred.session_type) == ("mid-stream", None, None)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("u08_chap_wrong_password.pcap", "refused: Authentication failure (0x0201)"),
        ("u13_login_target_not_found.pcap", "refused: Not found (0x0203)"),
        ("k08_acl_denied.pcap", "refused: Authorization failure (0x0202)"),
    ],
)
def test_a_refused_login_says_why(name: str, outcome: str) -> None:
    (record,) = sample(name)
    assert record.login is not None
    assert record.login.outcome == outcome


def test_a_redirection_says_where_to() -> None:
    redirected, followed = sample("u14_login_redirect_temporary.pcap.zst")
    assert redirected.login is not None
    assert redirected.login.outcome == "redirected: Target moved temporarily (0x0101)"
    assert redirected.login.redirected_to == ["127.0.0.2:3260"]
    assert followed.target.address == "127.0.0.2"


def test_a_login_that_nobody_answered_says_so() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request({"InitiatorName": "iqn.2026-01.example:i"})
    login = only(talk).login
    assert login is not None
    assert (login.outcome, login.status_class) == ("not answered in the capture", None)


def test_a_reset_says_who_sent_it() -> None:
    talk = Talk().open()
    talk.rst(T2I)
    record = only(talk)
    assert (record.ended, record.ended_by) == ("RST", "target")
    assert record.ended_frame == len(talk.frames)


def test_a_connection_that_nobody_closed_is_open() -> None:
    record = only(Talk().open())
    assert (record.ended, record.ended_by, record.ended_time, record.ended_frame) == ("open", None, None, None)


def test_two_connections_of_a_session_are_one_session() -> None:
    first, second = sample("k20_mcs_two_connections.pcap.zst")
    assert first.session == second.session
    assert first.isid == second.isid
    assert (first.cid, second.cid) == (0, 1)


def test_a_discovery_session_is_called_one() -> None:
    (record,) = sample("k01_discovery.pcap")
    assert record.session_type == "Discovery"


def test_gaps_are_counted_by_direction() -> None:
    talk = Talk(mss=1000).open()
    talk.read(65536)
    talk.test_unit_ready()
    frames = talk.frames
    large = [at for at, frame in enumerate(frames) if len(frame.data) > 900]
    (record,) = connection_records(analysed([frame for at, frame in enumerate(frames) if at != large[20]]).store)
    assert (record.target_to_initiator.gaps, record.target_to_initiator.gap_bytes) == (1, 1000)
    assert record.initiator_to_target.gaps == 0


def test_a_vlan_is_told() -> None:
    records_found = sample("k41_vlan_100_tagged.pcap.zst")
    assert {record.vlan for record in records_found} == {100}


def test_a_connection_without_iscsi_has_the_same_shape() -> None:
    talk = Talk()
    talk.handshake()
    talk.raw(I2T, b"GET / HTTP/1.0\r\n\r\n" + bytes(40))
    talk.fin()
    (other,) = analysed(talk).engine.others
    record = other_connection(other)
    assert (record.number, record.session, record.carries, record.login) == (None, None, "HTTP", None)
    assert record.target.port == 3260
    assert record.initiator_to_target.pdus == 0


def test_ends_are_told_in_both_families() -> None:
    assert endpoint(bytes((192, 0, 2, 1)) + b"\x0c\xbc").address == "192.0.2.1"
    assert endpoint(b"\x20\x01\x0d\xb8" + bytes(11) + b"\1" + b"\x0c\xbc") == endpoint(
        bytes.fromhex("20010db8000000000000000000000001") + (3260).to_bytes(2, "big")
    )
