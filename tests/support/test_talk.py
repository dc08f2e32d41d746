"""Conversations keep their books: what `Talk` writes is right unless it is told otherwise, and its truth is what is on
the wire."""

from __future__ import annotations

import struct

import pytest

from tests.support.talk import (
    HEADER_APART,
    I2T,
    NONE,
    PARTS_APART,
    PER_PDU,
    STREAM,
    T2I,
    Segmentation,
    Talk,
    drip,
    together,
)
from tests.support.talk_capture import ETHERNET, LOOP, NULL, RAW, SLL, SLL2, Frame, read_pcap, to_pcap, to_pcapng
from tests.support.talk_load import mixture
from tests.support.talk_net import checksum, decode
from tests.support.talk_pdu import COMMAND, DATA_IN, DATA_OUT, LOGIN_REQUEST, R2T, RESPONSE, crc32c, header
from tests.support.talk_session import Session

SEGMENTATIONS = {
    "per pdu": PER_PDU,
    "stream": STREAM,
    "header apart": HEADER_APART,
    "parts apart": PARTS_APART,
    "three together": together(3),
    "drip": drip(7),
}


def conversation(**settings: object) -> Talk:
    talk = Talk(**settings).open()  # type: ignore[arg-type]
    talk.read(10240)
    talk.write(20480)
    talk.test_unit_ready()
    talk.ping(b"ping")
    talk.target_ping()
    talk.tmf(5)
    talk.async_message(2)
    talk.close()
    return talk


def numbers(talk: Talk, direction: str, offset: int) -> list[int]:
    return [pdu.word(offset) for pdu in talk.pdus if pdu.direction == direction]


@pytest.mark.parametrize("segmentation", SEGMENTATIONS.values(), ids=SEGMENTATIONS)
@pytest.mark.parametrize("digests", [False, True])
def test_the_spans_of_a_pdu_hold_its_bytes(segmentation: Segmentation, digests: bool) -> None:
    """However the stream is cut, the truth says where every byte of every PDU is."""
    talk = conversation(segmentation=segmentation, header_digest=digests, data_digest=digests)
    for pdu in talk.pdus:
        found = b"".join(talk.frames[frame].data[at : at + size] for frame, at, size in pdu.spans)
        assert found == pdu.wire and len(found) == pdu.size


@pytest.mark.parametrize("segmentation", SEGMENTATIONS.values(), ids=SEGMENTATIONS)
def test_sequence_numbers_follow_the_bytes(segmentation: Segmentation) -> None:
    """Every segment begins where the last of its direction ended, and acknowledges only what was sent before it."""
    talk = conversation(segmentation=segmentation, initiator_seq=0xFFFFF000, target_seq=0xFFFFFF00)
    ends: dict[int, int] = {}
    for frame in talk.frames:
        packet = decode(frame.data)
        assert packet is not None
        assert packet.seq == ends.get(packet.source_port, packet.seq)
        assert packet.ack in (0, ends.get(packet.target_port))
        assert len(packet.payload) <= 1448
        ends[packet.source_port] = packet.end
    assert max(ends.values()) < 0x100000


def test_parts_apart_begins_a_segment_with_every_digest() -> None:
    """As the Linux target does it: header, data and data digest in segments of their own."""
    talk = Talk(data_digest=True, segmentation=PARTS_APART).open()
    task = talk.command(read=512)
    pdu = talk.data_in(task, 512, status=0)
    assert [size for _, _, size in pdu.spans] == [48, 512, 4]


def test_several_pdus_share_a_segment() -> None:
    talk = Talk(segmentation=together(4)).open()
    talk.flush()
    tasks = [talk.command() for _ in range(4)]
    assert len({talk.pdus[-1 - back].spans[0][0] for back in range(len(tasks))}) == 1


def test_numbers_are_right_by_themselves() -> None:
    """CmdSN counts commands, StatSN counts statuses, and each side states what it expects of the other."""
    talk = conversation()
    cmd_sn = next_cmd_sn = 1
    stat_sn = 1
    for pdu in talk.pdus:
        opcode, immediate = pdu.opcode, pdu.header[0] & 0x40
        if pdu.direction == I2T:
            if opcode not in (DATA_OUT,):
                assert pdu.word(24) == next_cmd_sn
                next_cmd_sn += not immediate
            assert pdu.word(28) == (0 if stat_sn == 1 else stat_sn)
            cmd_sn = next_cmd_sn
        else:
            assert pdu.word(28) == cmd_sn and pdu.word(32) == cmd_sn + 127
            carries = opcode not in (DATA_IN, R2T) or (opcode == DATA_IN and pdu.header[1] & 1)
            if opcode == 0x20 and pdu.word(16) == NONE:
                carries = False
            if carries or opcode != DATA_IN:
                assert pdu.word(24) == stat_sn
            stat_sn += bool(carries)


def test_a_field_that_is_set_moves_no_counter() -> None:
    """A wrong number is one wrong number; what follows is right again."""
    talk = Talk().open()
    right = talk.session.cmd_sn
    talk.command(cmd_sn=right + 7)
    talk.command()
    assert numbers(talk, I2T, 24)[-2:] == [right + 7, right]
    stat_sn = talk.stat_sn
    task = talk.command()
    talk.response(task, stat_sn=99)
    talk.response(task)
    assert numbers(talk, T2I, 24)[-2:] == [99, stat_sn]


def test_the_target_expects_what_it_lacks() -> None:
    """After a hole in CmdSN, ExpCmdSN stays at the hole until it is filled."""
    talk = Talk(session=Session(cmd_sn=0xFFFFFFFE)).open()
    talk.session.cmd_sn = 0xFFFFFFFF
    task = talk.command()
    talk.response(task)
    assert talk.pdus[-1].word(28) == 0xFFFFFFFE
    talk.command(cmd_sn=0xFFFFFFFE)
    talk.response(task)
    assert talk.pdus[-1].word(28) == 0


def test_pdus_cross_while_a_side_is_deaf() -> None:
    """What has not been heard is neither acknowledged by TCP nor by the numbers of iSCSI."""
    talk = Talk().open()
    expected = talk.session.exp_cmd_sn
    with talk.deaf(T2I):
        talk.command()
        ping = talk.nop_in()
        assert ping.word(28) == expected
    packet = decode(talk.frames[ping.spans[0][0]].data)
    before = decode(talk.frames[talk.pdus[-2].spans[0][0]].data)
    assert packet and before and packet.ack == before.seq
    assert talk.nop_in().word(28) == expected + 1


def test_a_write_follows_its_terms() -> None:
    """Immediate data, unsolicited data and R2Ts as negotiated, and every byte once."""
    for immediate in (False, True):
        for initial_r2t in (False, True):
            talk = Talk(
                immediate_data=immediate,
                initial_r2t=initial_r2t,
                first_burst_length=16384,
                max_burst_length=32768,
                target_max_recv_data_segment_length=4096,
            ).open()
            talk.write(100352)
            pdus = talk.pdus
            assert sum(len(pdu.data) for pdu in pdus if pdu.opcode in (COMMAND, DATA_OUT)) == 100352
            command = next(pdu for pdu in pdus if pdu.opcode == COMMAND)
            assert len(command.data) == (4096 if immediate else 0)
            assert bool(command.header[1] & 0x80) == initial_r2t
            unsolicited = [pdu for pdu in pdus if pdu.opcode == DATA_OUT and pdu.word(20) == NONE]
            assert len(unsolicited) == (0 if initial_r2t else 3 if immediate else 4)
            solicited = [pdu.word(36) for pdu in pdus if pdu.opcode == R2T]
            assert solicited == list(range(4 if initial_r2t and not immediate else 3))
            bursts = [pdu for pdu in pdus if pdu.opcode == DATA_OUT and pdu.header[1] & 0x80]
            assert len(bursts) == len(solicited) + (not initial_r2t)


def test_connections_share_capture_and_session() -> None:
    """MC/S: one numbering of commands over several connections, one StatSN each."""
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    cmd_sn = talk.session.cmd_sn
    talk.test_unit_ready()
    other.test_unit_ready()
    commands = [pdu for pdu in talk.pdus if pdu.opcode == COMMAND]
    assert [(pdu.connection, pdu.word(24)) for pdu in commands] == [(0, cmd_sn), (1, cmd_sn + 1)]
    logins = [pdu for pdu in talk.pdus if pdu.opcode == LOGIN_REQUEST]
    assert [struct.unpack_from(">HIH", pdu.header, 14)[0::2] for pdu in logins] == [(0, 0), (0, 0), (1, 1), (1, 1)]
    assert b"MaxConnections" not in logins[-1].data
    third = talk.beside()
    assert third.session is not talk.session and third.session.isid != talk.session.isid


@pytest.mark.parametrize("linktype", [ETHERNET, NULL, LOOP, RAW, SLL, SLL2])
@pytest.mark.parametrize(("initiator", "target"), [("10.0.0.1", "10.0.0.2"), ("fe80::1", "fe80::2")])
def test_packets_survive_their_encoding(linktype: int, initiator: str, target: str) -> None:
    talk = conversation(linktype=linktype, initiator=initiator, target=target)
    for frame in talk.frames:
        packet = decode(frame.data, frame.linktype, frame.orig_len)
        assert packet is not None
        assert packet.encode(linktype) == frame.data


def test_capture_files_hold_the_frames() -> None:
    talk = conversation(vlans=(100, 200))
    for big_endian in (False, True):
        assert read_pcap(to_pcap(talk.frames, nanosecond=True, big_endian=big_endian)) == talk.frames
        assert len(to_pcapng(talk.frames, big_endian=big_endian)) % 4 == 0
    mixed = [*talk.frames, Frame(0, b"", 0, RAW)]
    with pytest.raises(ValueError, match="pcapng"):
        to_pcap(mixed)


def test_headers_say_no_to_fields_that_they_do_not_have() -> None:
    with pytest.raises(TypeError, match="data_sn"):
        header(COMMAND, data_sn=1)
    assert header(RESPONSE, status=2, patch={47: b"\x07"})[3::44] == b"\x02\x07"


def test_digests_are_those_of_the_rfc() -> None:
    """Test vectors of RFC 3720 appendix B.4."""
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    command = "01c00000000000000000000000000000140000000000040000000014000000182800000000000000" + "0200000000000000"
    assert crc32c(bytes.fromhex(command)) == 0xD9963A56


def test_digests_begin_after_login_and_can_be_wrong() -> None:
    talk = Talk(header_digest=True, data_digest=True).open()
    assert not any(pdu.header_digest or pdu.data_digest for pdu in talk.pdus)
    task = talk.command(read=512)
    good = talk.data_in(task, 511, header_digest=False)
    bad = talk.data_in(task, good.data, data_digest="bad")
    assert not good.header_digest and good.padding == b"\0"
    assert good.data_digest == crc32c(good.data + b"\0").to_bytes(4, "little") != bad.data_digest


def test_checksums_are_right() -> None:
    assert checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D
    assert checksum(b"\x01") == 0xFEFF
    for frame in conversation().frames:
        assert checksum(frame.data[14:34]) == 0


def test_a_mixture_is_a_healthy_session_and_always_the_same() -> None:
    """Every task is answered once, nothing is open at the end, and a seed is a conversation."""
    talk = mixture(3, pdus=400, connections=2, header_digest=True, initial_r2t=False)
    assert 380 < len(talk.pdus) < 450
    asked = [pdu.word(16) for pdu in talk.pdus if pdu.opcode == COMMAND]
    answered = [
        pdu.word(16) for pdu in talk.pdus if pdu.opcode == RESPONSE or (pdu.opcode == DATA_IN and pdu.header[1] & 1)
    ]
    assert sorted(asked) == sorted(answered) and len(asked) > 60
    assert {pdu.connection for pdu in talk.pdus} == {0, 1}
    again = mixture(3, pdus=400, connections=2, header_digest=True, initial_r2t=False)
    assert again.frames == talk.frames != mixture(4, pdus=400, connections=2).frames


def test_the_number_of_a_rejected_command_is_used_again() -> None:
    """The hole that a Reject leaves is filled by the next command that is not immediate; then the numbers go on."""
    talk = Talk().open()
    first = talk.nop_out()
    answer = talk.reject(first, reason=5)
    assert answer.word(28) == first.word(24) == 1
    sent = [talk.nop_out(immediate=True), talk.nop_out(), talk.nop_out()]
    assert [pdu.word(24) for pdu in sent] == [2, 1, 2]
    assert talk.session.exp_cmd_sn == talk.session.cmd_sn == 3
