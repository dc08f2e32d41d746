"""The record of a PDU says what the capture shows of it: fields, places, texts, sense, and what is odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissectors.fields import Node
from dissectors.iscsi.ahs import build_ahs
from dissectors.pdu import PDU_TYPES, build, dissect
from iscsi_analyzer.export.pdu_record import PduRecord
from iscsi_analyzer.export.pdus import NOT_ODD, Pdus, decoded, odd_about
from tests.support.command import analysed
from tests.support.samples import SAMPLES
from tests.support.talk import I2T, Talk
from tests.support.talk_words import FINAL


def records(source: Talk, *, secrets: bool = False) -> list[PduRecord]:
    return list(Pdus(analysed(source).store, secrets=secrets))


def only(source: Talk, opcode: int) -> PduRecord:
    (found,) = [record for record in records(source) if record.opcode == opcode]
    return found


def test_every_pdu_stands_in_the_frames_that_hold_it() -> None:
    talk = Talk(mss=1000).open()
    talk.read(4096)
    talk.close()
    truth = talk.pdus
    found = records(talk)
    assert len(found) == len(truth)
    by_frames = {(record.opcode, tuple(record.frames)) for record in found}
    assert by_frames == {(pdu.opcode, tuple(sorted({frame + 1 for frame, _, _ in pdu.spans}))) for pdu in truth}
    assert all(record.frame == record.frames[-1] for record in found)


def test_an_answer_knows_its_request() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    response, command = only(talk, 0x21), only(talk, 0x01)
    assert (response.request_pdu, response.request_frame) == (command.number, command.frame)
    assert command.request_pdu is None


def test_a_command_is_told_by_its_cdb() -> None:
    talk = Talk().open()
    talk.read(4096, lba=2048, lun=3)
    command = only(talk, 0x01)
    assert (command.operation, command.lba, command.transfer_length, command.lun) == ("READ(10)", 2048, 8, 3)
    assert command.cdb is not None
    assert command.cdb.startswith("2800000008000000080")


def test_times_are_exact_and_those_of_the_first_and_the_last_byte() -> None:
    talk = Talk(mss=1000).open()
    talk.read(4096)
    record = next(each for each in records(talk) if each.opcode == 0x25)
    frames = talk.frames
    first, last = frames[record.frames[0] - 1], frames[record.frames[-1] - 1]
    assert int(record.time.replace(".", "")) == first.ts_ns // 1000 * 1000
    assert int(record.time_last.replace(".", "")) == last.ts_ns // 1000 * 1000


def test_keys_are_pairs_in_order_and_secrets_are_left_out() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request([("CHAP_N", "alice"), ("CHAP_R", "0x1234"), ("CHAP_R", "0x5678")], csg=0, nsg=1)
    hidden, shown = records(talk)[0].keys, records(talk, secrets=True)[0].keys
    assert shown == [("CHAP_N", "alice"), ("CHAP_R", "0x1234"), ("CHAP_R", "0x5678")]
    assert hidden == [("CHAP_N", "alice"), *[("CHAP_R", "<redacted, 6 characters>")] * 2]


def test_a_pair_over_two_pdus_belongs_to_the_one_in_which_it_ends() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request(b"InitiatorName=iqn.2026-01.exa", more=True, transit=False)
    talk.login_response(transit=False)
    talk.login_request(b"mple:i\0SessionType=Normal\0")
    first, _, second = records(talk)
    assert first.keys == []
    assert second.keys == [("InitiatorName", "iqn.2026-01.example:i"), ("SessionType", "Normal")]


def test_sense_data_are_read() -> None:
    talk = Talk().open()
    sense = bytes.fromhex("700005000000000a 00000000 2100 00 000000".replace(" ", ""))
    talk.response(talk.command(), status=2, data=len(sense).to_bytes(2, "big") + sense)
    response = only(talk, 0x21)
    assert response.scsi_status_name == "CHECK CONDITION"
    assert response.sense is not None
    assert (response.sense.key, response.sense.asc, response.sense.ascq) == (5, 0x21, 0)
    assert "LOGICAL BLOCK ADDRESS OUT OF RANGE" in response.sense.text


def test_a_reject_carries_the_header_that_was_refused() -> None:
    talk = Talk().open()
    command = talk.command(read=512, lba=7)
    talk.reject(next(pdu for pdu in talk.pdus if pdu.opcode == 0x01), reason=9)
    rejected = only(talk, 0x3F).rejected
    assert rejected is not None
    assert (rejected.opcode, rejected.opcode_name) == (1, "SCSI Command")
    assert (rejected.initiator_task_tag, rejected.operation, rejected.lba) == (command.tag, "READ(10)", 7)


def test_additional_header_segments_are_told() -> None:
    talk = Talk().open()
    area = build_ahs(2, (4096).to_bytes(4, "big"))
    talk.send(I2T, 0x01, FINAL | 0x60, initiator_task_tag=9, cdb=bytes(16), ahs=area)
    (segment,) = only(talk, 0x01).ahs or []
    assert (segment.ahs_type, segment.bidirectional_read_expected_data_transfer_length) == (2, 4096)


def test_what_describes_a_device_is_decoded_and_payload_is_not() -> None:
    talk = Talk().open()
    task = talk.command(bytes.fromhex("25000000000000000000") + bytes(6), read=8)
    talk.data_in(task, (999).to_bytes(4, "big") + (512).to_bytes(4, "big"), status=0)
    talk.read(4096)
    capacity, payload = [record for record in records(talk) if record.opcode == 0x25]
    assert capacity.decoded is not None
    assert "READ CAPACITY(10)" in capacity.decoded[0].label
    assert payload.decoded is None


def test_odd_bytes_are_named_and_missing_ones_are_only_counted() -> None:
    talk = Talk().open()
    talk.test_unit_ready(patch={3: b"\x01"})
    problems = only(talk, 0x01).problems
    assert problems is not None
    assert [problem.name for problem in problems] == ["reserved-not-zero"]
    cut = [record for record in Pdus(analysed(SAMPLES / "f02_snaplen96.pcap.zst").store) if record.cut]
    assert cut
    assert {record.header_captured for record in cut} == {30}
    assert all(record.problems is None for record in cut if record.opcode == 0x01)


@given(st.sampled_from([kind.opcode for kind in PDU_TYPES]), st.binary(min_size=48, max_size=48), st.booleans())
def test_the_quick_look_for_oddities_misses_none(opcode: int, header: bytes, proper: bool) -> None:
    raw = bytes((opcode,)) + header[1:4] + bytes(4) + header[8:]
    if proper:
        raw = build(dissect(raw), **{row.name: row.fixed for row in dissect(raw).type.fields if row.fixed is not None})
    pdu = dissect(raw)
    assert odd_about(pdu) == [problem for problem in pdu.problems if problem.name not in NOT_ODD]


@given(
    st.sampled_from((0x03, 0x04, 0x23, 0x24)), st.lists(st.sampled_from((b"A=1\0", b"\0", b"=\0", b"X", b"\xff=1\0")))
)
def test_odd_text_is_found_where_the_header_is_in_order(opcode: int, pieces: list[bytes]) -> None:
    pdu = dissect(build(opcode), data=b"".join(pieces))
    whole = [(problem.name, problem.text) for problem in pdu.problems if problem.name not in NOT_ODD]
    assert [(problem.name, problem.text) for problem in odd_about(pdu)] == whole


def test_digests_and_how_they_are_known() -> None:
    talk = Talk(data_digest=True).open()
    talk.data_in(talk.command(read=512), 512, status=0, data_digest="bad")
    talk.read(512)
    found = [record for record in records(talk) if record.opcode == 0x25]
    assert [record.data_digest for record in found] == ["bad", "ok"]
    assert not any(record.digests_inferred for record in found)


def test_two_connections_of_a_session_share_its_number() -> None:
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    other.test_unit_ready()
    found = records(talk)
    assert {record.connection for record in found} == {1, 2}
    assert {record.session for record in found} == {1}


@pytest.mark.parametrize("number_asked", [0, 10_000])
def test_there_is_no_record_without_a_pdu(number_asked: int) -> None:
    with pytest.raises(IndexError):
        Pdus(analysed(Talk().open()).store).record(number_asked)


def test_decoded_nodes_keep_their_shape() -> None:
    node = Node("Label", b"\x01\x02", "words", 0, 2, children=[Node("Inner", 3, "3", 0, 1, problem="odd")])
    (record,) = decoded([node])
    assert (record.label, record.value, record.text) == ("Label", "0102", "words")
    assert (record.fields[0].value, record.fields[0].problem) == (3, "odd")


def test_a_ping_of_the_target_is_answered_by_the_initiator() -> None:
    talk = Talk().open()
    talk.target_ping()
    ping, pong = [record for record in records(talk) if record.opcode in (0x00, 0x20)]
    assert ping.direction == "T2I"
    assert (pong.direction, pong.request_pdu) == ("I2T", ping.number)
