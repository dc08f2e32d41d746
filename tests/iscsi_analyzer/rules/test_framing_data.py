"""Padding, the lengths of data PDUs, vendors' opcodes, and streams that stop making sense."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import framing_data
from tests.iscsi_analyzer.rules.judging import (
    check_example,
    check_losses,
    check_near,
    finding_of,
    findings_of,
    frames_of,
    names,
)
from tests.support.mangle_loss import cut_start
from tests.support.talk import HEADER_APART, PER_PDU, STREAM, Segmentation, Talk, drip

ALSO = {"pdu-stream-desync": ("opcode-wrong-direction", "bhs-reserved-msb")}
"What the bytes break that make no sense."

NEAR = {
    "opcode-vendor-specific": """
        talk.open()
        talk.send("I2T", 0x00, initiator_task_tag=5, target_transfer_tag=0xffffffff)
        """,
    "padding-nonzero": """
        talk.open()
        talk.ping(b"ping!")
        talk.ping(b"ABCD")
        """,
    "ahs-padding-nonzero": """
        talk.open()
        talk.command(bytes((0x7F, 0, 0, 0, 0, 0, 0, 10)) + bytes(8), ahs=bytes((0, 3, 1, 0, 0xFF, 0xFF, 0, 0)))
        """,
    "pdu-stream-desync": """
        talk = Talk(header_digest=True).open()
        talk.test_unit_ready()
        """,
    "datapdu-zero-length": """
        talk.open()
        read = talk.command(read=4096)
        talk.data_in(read, 4096)
        talk.data_in(read, 0, status=0)
        """,
    "datapdu-not-word-multiple": """
        talk.open()
        read = talk.command(read=4098)
        talk.data_in(read, 1024, final=False)
        talk.data_in(read, 3074, status=0)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(framing_data))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize("opcode", [0x1C, 0x1D, 0x1E, 0x3C, 0x3D, 0x3E])
def test_each_opcode_of_vendors_is_named_with_its_sender(opcode: int) -> None:
    talk = Talk().open()
    talk.send("I2T" if opcode < 0x20 else "T2I", opcode, patch={20: bytes(range(28))})
    finding = finding_of(talk, "opcode-vendor-specific")
    assert (finding.party, finding.facts["opcode"]) == ("initiator" if opcode < 0x20 else "target", opcode)


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("digests", [False, True])
def test_every_byte_of_the_padding_is_looked_at(length: int, digests: bool) -> None:
    talk = Talk(data_digest=digests).open()
    padding = bytes(-length % 4 - 1) + b"\x01"
    talk.nop_out(bytes(length), padding=padding)
    assert finding_of(talk, "padding-nonzero").facts["padding"] == padding.hex(" ")


def test_a_write_without_data_in_its_last_data_out_is_the_initiators() -> None:
    talk = Talk().open()
    write = talk.command(write=4096)
    burst = talk.r2t(write)
    talk.data_out(write, 4096, burst=burst, final=False)
    talk.data_out(write, 0, burst=burst, final=True)
    talk.response(write)
    assert finding_of(talk, "datapdu-zero-length").party == "initiator"


def test_a_capture_that_begins_within_a_login_has_a_stream_that_makes_no_sense_at_first() -> None:
    """The first bytes are the rest of a PDU, although the Login Requests after them tell of a new session."""
    talk = Talk()
    talk.target.segmentation = drip(20)
    talk.open()
    talk.test_unit_ready()
    frames = frames_of(talk)
    for number in range(1, len(frames)):
        assert "pdu-stream-desync" not in findings_of(cut_start(frames, number))


@pytest.mark.parametrize("segmentation", [STREAM, PER_PDU, HEADER_APART])
def test_a_wrong_header_with_right_lengths_is_no_such_stream(segmentation: Segmentation) -> None:
    """However its bytes come: whether the framer goes on at once, or has to look for the next header."""
    talk = Talk(segmentation=segmentation).open()
    talk.send("T2I", 0x20, ahs=bytes(24), initiator_task_tag=0xFFFFFFFF, target_transfer_tag=0xFFFFFFFF)
    for _ in range(3):
        talk.test_unit_ready()
    assert findings_of(talk) == ["ahs-on-response"]


@pytest.mark.parametrize("rule", ["datapdu-zero-length", "datapdu-not-word-multiple"])
def test_data_of_a_command_that_was_not_seen_is_not_judged(rule: str) -> None:
    """What looks like a header may be data there."""
    talk = Talk().open()
    talk.test_unit_ready()
    begun = len(frames_of(talk))
    read = talk.command(read=4098)
    talk.data_in(read, 0, final=False)
    talk.data_in(read, 1022, final=False)
    talk.data_in(read, 3076, status=0)
    assert rule in findings_of(talk)
    assert rule not in findings_of(cut_start(frames_of(talk), begun + 1))
