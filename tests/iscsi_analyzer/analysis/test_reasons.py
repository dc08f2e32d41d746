"""Reasons are what was seen, in the order of weight; where the capture may lack an answer, its absence is none."""

from __future__ import annotations

from tests.iscsi_analyzer.analysis.studies import study
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_capture import Frame


def reasons(source: Talk | list[Frame]) -> list[str]:
    """Why the first connection ended."""
    return [reason.words for reason in study(source).endings[0].reasons]


def test_announcements_come_before_what_was_waiting() -> None:
    talk = Talk().open()
    talk.command(read=4096)
    talk.wait(3)
    talk.async_message(3)
    talk.fin(I2T)
    assert [words.partition(":")[0] for words in reasons(talk)] == [
        "the target had sent an Asynchronous Message",
        "a SCSI task was waiting for an answer",
    ]


def test_short_waits_are_no_reason() -> None:
    talk = Talk().open()
    talk.command(read=4096)
    talk.wait(0.3)
    talk.fin(I2T)
    assert reasons(talk) == []


def test_a_missing_answer_is_no_reason_if_the_capture_lacks_bytes_of_that_side() -> None:
    talk = Talk().open()
    task = talk.command(read=8192)
    before = len(talk.frames)
    talk.data_in(task, 8192, status=0)
    after = len(talk.frames)
    talk.wait(3)
    talk.ping(b"")
    talk.fin(I2T)
    assert reasons(talk) == []
    frames = talk.frames[:before] + talk.frames[after:]
    assert not [words for words in reasons(frames) if "waiting" in words]


def test_a_logout_without_an_answer_is_a_reason() -> None:
    talk = Talk().open()
    talk.logout_request()
    talk.wait(2)
    talk.rst(T2I)
    assert reasons(talk)[0] == "the initiator had asked to log out and got no answer"


def test_events_of_long_ago_are_no_reason() -> None:
    talk = Talk().open()
    talk.reject(talk.nop_out(b"x", target_tag=3, tag=9), 4)
    for _ in range(4):
        talk.wait(4)
        talk.read(4096)
    talk.fin(I2T)
    assert reasons(talk) == []


def test_a_target_that_sends_no_pdu_while_the_initiator_does() -> None:
    talk = Talk().open()
    talk.read(4096)
    for _ in range(4):
        talk.wait(5)
        talk.nop_out(b"x")
    talk.fin(I2T)
    assert any(
        words.startswith("the target had sent no PDU for 20 s, the initiator 4 meanwhile") for words in reasons(talk)
    )
