"""10. Rejects tell what was rejected, and whether the capture agrees."""

from __future__ import annotations

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.talk import Talk


def test_a_digest_error_is_compared_with_the_capture() -> None:
    text = said(sample("k84"), 10)
    assert "session 4: 1 SCSI Data-Out was rejected: Data (payload) digest error (0x02)" in text
    assert "the header that was rejected: SCSI Data-Out ITT 0x11" in text
    assert "the digest is wrong in the capture, too" in text
    talk = Talk(data_digest=True).open()
    talk.write(4096)
    command = next(pdu for pdu in talk.pdus if pdu.opcode == 1)
    talk.reject(command, 2)
    assert "the digest is right in the capture: the PDU was damaged behind it, or in the target" in said(
        study(talk), 10
    )


def test_equal_rejects_are_one_entry() -> None:
    talk = Talk().open()
    for number in range(3):
        talk.reject(talk.nop_out(b"x", target_tag=number + 3, tag=number + 9), 4)
    assert "session 1: 3 NOP-Outs were rejected: Protocol Error (0x04)" in said(study(talk), 10)
    assert worst(study(talk), 10) == "bad"


def test_what_the_header_shows_to_be_odd_is_told() -> None:
    talk = Talk().open()
    odd = talk.command(patch={1: b"\xd9"})
    talk.reject(next(pdu for pdu in talk.pdus if pdu.word(16) == odd.tag and pdu.opcode == 1), 9)
    assert "odd about it: " in said(study(talk), 10)


def test_without_rejects_nothing_is_said() -> None:
    assert lines(sample("k20"), 10) == []
