"""Conversations that other analyzers are known to lose or to pass over in silence, each by name.

An analysis of `frames` has to show every PDU of `pdus` (as far as the frames hold them), whatever else it says about
them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.support import mangle_loss, mangle_whole
from tests.support.talk import HEADER_APART, I2T, PARTS_APART, STREAM, T2I, Talk, together
from tests.support.talk_capture import SLL2, Frame
from tests.support.talk_load import mixture
from tests.support.talk_pdu import Pdu


@dataclass(frozen=True)
class Case:
    """A capture and what was really said."""

    frames: list[Frame]
    pdus: list[Pdu]
    lossless: bool = True
    "Whether the capture has every byte of these PDUs."


def _case(talk: Talk) -> Case:
    return Case(talk.frames, talk.pdus)


def two_commands_in_the_first_segment() -> Case:
    """Digests are on, and the first segment of the full feature phase carries two commands."""
    talk = Talk(header_digest=True, data_digest=True).open()
    talk.initiator.segmentation = together(2)
    tasks = [talk.command(read=4096, lba=number) for number in range(6)]
    for task in tasks:
        talk.serve(task)
    talk.initiator.segmentation = together(1)
    talk.close()
    return _case(talk)


def first_header_digest_is_corrupt() -> Case:
    """The very first header digest is wrong, the others are right."""
    talk = Talk(header_digest=True).open()
    task = talk.command(read=4096, header_digest="bad")
    talk.serve(task)
    talk.read(8192)
    talk.close()
    return _case(talk)


def one_bad_data_digest() -> Case:
    """A single data digest is wrong, in the middle of the conversation."""
    talk = Talk(data_digest=True).open()
    talk.read(4096)
    talk.data_in(talk.command(read=4096), 4096, status=0, data_digest="bad")
    talk.read(4096)
    talk.close()
    return _case(talk)


def large_data_in() -> Case:
    """One Data-In of 512 KiB, legal with such a MaxRecvDataSegmentLength."""
    talk = Talk(initiator_max_recv_data_segment_length=1 << 20, max_burst_length=1 << 20).open()
    talk.read(524288)
    talk.close()
    return _case(talk)


def numbers_out_of_order() -> Case:
    """Duplicate ITT, a hole in CmdSN, CmdSN beyond MaxCmdSN, a jump of StatSN, a response to an unknown ITT."""
    talk = Talk().open()
    task = talk.command(tag=7)
    talk.command(tag=7)
    talk.response(task)
    talk.command(cmd_sn=talk.session.cmd_sn + 5)
    talk.command(cmd_sn=talk.session.max_cmd_sn + 100)
    talk.response(task, stat_sn=talk.stat_sn + 9)
    talk.response(task, initiator_task_tag=0xDEAD)
    return _case(talk)


def odd_headers() -> Case:
    """Legal but rare, or illegal: NOP-Out with ITT 0, reserved bits, an unknown opcode, TMF response 7, Login with T
    and C."""
    talk = Talk()
    talk.handshake()
    talk.login_request({"InitiatorName": talk.initiator_name}, transit=True, more=True)
    talk.login_response(status=0x0200)
    talk = talk.beside().open()
    request = talk.nop_out(tag=0)
    talk.nop_in(tag=request.word(16))
    talk.response(talk.command(patch={1: b"\xd9", 2: b"\xff"}))
    talk.send(I2T, 0x0C, 0xFF, initiator_task_tag=5)
    talk.tmf(1, talk.command(), response=7)
    talk.close()
    return _case(talk)


def neighbours_swapped() -> Case:
    """Every now and then two packets come in the wrong order; nothing is lost."""
    talk = mixture(1, pdus=600, segmentation=STREAM)
    return Case(mangle_whole.reorder(talk.frames, Random(1), share=0.05, distance=1), talk.pdus)


def first_segments_only() -> Case:
    """The capture keeps only the first segment of each PDU."""
    talk = mixture(2, pdus=200)
    return Case(mangle_loss.first_segments(talk.frames, talk.pdus), talk.pdus, lossless=False)


def discovery_and_normal_over_one_pair() -> Case:
    """A discovery session, then a normal one with digests, from the same port to the same port."""
    talk = Talk()
    talk.handshake()
    talk.login(discovery=True)
    talk.discover()
    talk.close()
    talk.wait(1)
    port = talk.initiator.port
    talk = talk.beside(initiator_port=port, initiator_seq=90_000_000, target_seq=80_000_000)
    talk.terms.header_digest = talk.terms.data_digest = True
    talk.open()
    talk.read(8192)
    talk.close()
    return _case(talk)


def data_digest_in_its_own_segment() -> Case:
    """As the Linux target sends: header, data and the four bytes of the digest in three segments."""
    return _case(mixture(3, pdus=300, data_digest=True, segmentation=(HEADER_APART, PARTS_APART)))


def inquiry_cut_by_its_allocation_length() -> Case:
    """Healthy INQUIRYs whose data ends where the initiator's room ends, in the middle of a field."""
    talk = Talk().open()
    for room in (5, 17, 36):
        task = talk.command(bytes((0x12, 0, 0, 0, room, 0)), read=room)
        answer = bytes((0, 0, 6, 2, 91, 0, 0, 2)) + b"EXAMPLE Disk            0001" + bytes(60)
        talk.data_in(task, answer[:room], status=0)
    talk.close()
    return _case(talk)


def thirty_bytes_of_each_header() -> Case:
    """A snap length of 96 bytes: of a header, 30 bytes are there."""
    talk = mixture(4, pdus=100)
    return Case(mangle_loss.snap(talk.frames, 96), talk.pdus, lossless=False)


def only_what_the_target_says() -> Case:
    """One half of the conversation."""
    talk = mixture(5, pdus=100)
    pdus = [pdu for pdu in talk.pdus if pdu.direction == T2I]
    return Case(mangle_loss.one_direction(talk.frames, T2I), pdus)


def stalled_and_aborted() -> Case:
    """A command hangs for 25 seconds; ABORT TASK is not answered either; the initiator comes back with a new
    connection."""
    talk = Talk().open()
    talk.read(4096)
    task = talk.command(read=4096)
    talk.wait(25)
    talk.tmf_request(1, task)
    talk.wait(5)
    talk.rst(I2T)
    again = talk.beside(session=talk.session).open()
    again.read(4096)
    again.close()
    return _case(talk)


def rejected() -> Case:
    """A Reject carries a header of its own: one PDU, not two."""
    talk = Talk().open()
    talk.reject(talk.nop_out(b"x", target_tag=3, tag=9))
    talk.close()
    return _case(talk)


def keys_with_commas() -> Case:
    """Values that are lists, and several keys in a PDU."""
    talk = Talk().open(offer={"HeaderDigest": "CRC32C,None", "X-com.example.list": "a,b,c"})
    talk.close()
    return _case(talk)


def write_same_32() -> Case:
    """WRITE SAME(32): half of its CDB is in an additional header segment."""
    talk = Talk().open()
    cdb = bytes((0x7F, 0, 0, 0, 0, 0, 0, 24, 0, 0x0D, 0, 0)) + bytes(16) + bytes((0, 0, 0, 8))
    extension = len(cdb[15:]).to_bytes(2, "big") + b"\x01" + b"\0" + cdb[16:]
    task = talk.command(cdb[:16], write=512, data=talk.content(512, 0), ahs=extension)
    talk.response(task)
    talk.read(512)
    talk.close()
    return _case(talk)


def every_packet_twice() -> Case:
    """Captured on all interfaces: each packet comes twice, with the same IP id."""
    talk = mixture(6, pdus=100)
    twice = mangle_whole.duplicate(talk.frames, Random(6), share=1.0, distance=0)
    return Case(mangle_whole.encapsulate(twice, SLL2), talk.pdus)


CASES: dict[str, Callable[[], Case]] = {
    case.__name__: case
    for case in (
        two_commands_in_the_first_segment,
        first_header_digest_is_corrupt,
        one_bad_data_digest,
        large_data_in,
        numbers_out_of_order,
        odd_headers,
        neighbours_swapped,
        first_segments_only,
        discovery_and_normal_over_one_pair,
        data_digest_in_its_own_segment,
        inquiry_cut_by_its_allocation_length,
        thirty_bytes_of_each_header,
        only_what_the_target_says,
        stalled_and_aborted,
        rejected,
        keys_with_commas,
        write_same_32,
        every_packet_twice,
    )
}
"""All of them, by name."""
