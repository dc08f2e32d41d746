"""What was seen last on a connection."""

from __future__ import annotations

from iscsi_analyzer.analysis.watch import Watch
from tests.iscsi_analyzer.analysis.studies import MS, sample, study
from tests.support.talk import I2T, T2I, Talk


def watch(talk: Talk) -> Watch:
    """The watch on the first connection."""
    found = study(talk)
    return Watch(found.facts, found.operations, 1, found.logins[0])


def test_the_last_pdu_of_each_side() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.nop_out(b"x")
    found = watch(talk)
    mine, its = found.last_pdu(True), found.last_pdu(False)
    assert mine is not None and its is not None
    assert (mine.what, its.what) == ("NOP-Out", "SCSI Data-In")
    assert mine.pdu == len(talk.pdus)


def test_a_side_that_said_nothing_has_no_last_pdu() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request({"InitiatorName": "iqn.a"})
    assert watch(talk).last_pdu(False) is None


def test_silence_of_pdus_and_of_frames_are_two_things() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.wait(0.200)
    talk.ack(T2I)
    talk.wait(0.100)
    talk.fin(I2T)
    found = watch(talk)
    assert round(found.quiet() / MS) == 300
    assert round(found.frames_quiet("target") / MS) == 100


def test_pings_know_what_came_after_them() -> None:
    talk = Talk().open()
    talk.nop_out(b"x")
    talk.read(4096)
    talk.read(4096)
    (ping,) = watch(talk).unanswered_pings()
    assert (ping.by, ping.answer_pdu, ping.heard_since) == ("initiator", 0, 2)


def test_a_pdu_that_no_standard_knows_is_told_by_its_opcode() -> None:
    talk = Talk().open()
    talk.send(I2T, 0x0C, 0x80, initiator_task_tag=5)
    last = watch(talk).last_pdu(True)
    assert last is not None and "0x0c" in last.what


def test_logouts_without_their_request_are_logouts() -> None:
    found = sample("f44")
    logout = Watch(found.facts, found.operations, 1, found.logins[0]).logout()
    assert logout is not None
    assert (logout.reason, logout.request_pdu, logout.answer_pdu > 0) == ("reason not captured", 0, True)
