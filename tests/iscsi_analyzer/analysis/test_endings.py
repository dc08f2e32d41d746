"""Who ended a connection, how, and what the capture shows of the reason."""

from __future__ import annotations

from iscsi_analyzer.analysis.ending import Ending
from tests.iscsi_analyzer.analysis.studies import MS, S, said, sample, study
from tests.support.mangle_loss import one_direction
from tests.support.talk import I2T, T2I, Talk


def ending(talk: Talk) -> Ending:
    """The end of the first connection."""
    return study(talk).endings[0]


def reasons(talk: Talk) -> str:
    """Why it ended, as one text."""
    return "\n".join(reason.words for reason in ending(talk).reasons)


def test_a_logout_is_an_orderly_end() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.close()
    found = ending(talk)
    assert (found.how, found.by, found.reasons, found.waiting_count) == ("logout", "initiator", [], 0)
    assert found.logout is not None
    assert (found.logout.reason, found.logout.response) == ("close the session", "closed successfully")


def test_a_logout_of_the_session_ends_all_its_connections() -> None:
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    talk.logout()
    talk.fin()
    other.rst(T2I)
    assert [found.how for found in study(talk).endings] == ["logout", "logout"]


def test_fin_and_rst_are_told_apart_and_who_sent_them() -> None:
    for direction, by in ((I2T, "initiator"), (T2I, "target")):
        talk = Talk().open()
        talk.fin(direction)
        found = ending(talk)
        assert (found.how, found.by, found.with_) == ("closed", by, "FIN")
        talk = Talk().open()
        talk.rst(direction)
        found = ending(talk)
        assert (found.how, found.by, found.with_) == ("reset", by, "RST")


def test_a_connection_that_goes_on_is_open_and_one_without_frames_is_silent() -> None:
    talk = Talk().open()
    talk.read(4096)
    assert ending(talk).how == "open"
    other = talk.beside().open()
    talk.wait(15)
    other.read(4096)
    assert ending(talk).how == "silent"


def test_tasks_that_were_waiting_are_named_the_oldest_first() -> None:
    talk = Talk().open()
    talk.command(read=4096, lun=3)
    talk.wait(2)
    talk.command(write=512, data=bytes(512))
    talk.wait(1)
    talk.fin(I2T)
    found = ending(talk)
    assert [(each.what, each.lun, round(each.waited_ns / S)) for each in found.waiting] == [
        ("READ(10)", "3", 3),
        ("WRITE(10)", "0", 1),
    ]
    assert reasons(talk) == "2 SCSI tasks were waiting for an answer: READ(10) on LUN 3 for 3 s was the oldest"


def test_an_unanswered_ping_of_a_silent_target_is_told_from_one_of_a_busy_target() -> None:
    talk = Talk().open()
    talk.nop_out(b"x")
    talk.wait(5)
    talk.fin(I2T)
    assert "ping (NOP-Out) of the initiator had no answer for 5 s; nothing came from the target any more" in reasons(
        talk
    )
    talk = Talk().open()
    talk.nop_out(b"x")
    for _ in range(5):
        talk.wait(1)
        talk.read(4096)
    talk.fin(I2T)
    assert "had no answer for 5 s; but the target sent 5 PDUs meanwhile, so it was alive" in reasons(talk)


def test_the_last_ping_that_was_answered_is_kept() -> None:
    talk = Talk().open()
    talk.ping(b"")
    talk.target_ping()
    talk.fin(T2I)
    found = ending(talk)
    assert found.last_ping is not None
    assert (found.last_ping.by, found.unanswered_pings) == ("target", [])


def test_task_management_without_an_answer_comes_first() -> None:
    found = sample("k24").endings[0]
    assert found.reasons[0].words == "ABORT TASK had no answer for 15.1 s"
    assert (
        "the target answered pings to the end, so its network was alive and its storage was not"
        in found.reasons[1].words
    )
    assert (found.how, found.by, found.waiting_count) == ("closed", "initiator", 2)


def test_a_target_that_closes_after_a_wrong_digest_has_that_reason() -> None:
    assert sample("k76").endings[0].reasons[0].words == "the data digest of a SCSI Command from the initiator is wrong"
    assert (
        sample("m24").endings[0].reasons[0].words == "the header digest of a SCSI Command from the initiator is wrong"
    )


def test_a_target_that_closes_at_once_is_told_with_the_pdu_before() -> None:
    assert sample("m13").endings[0].reasons[0].words == "the last PDU was the initiator's Text Request, 75 us before"


def test_announcements_and_rejects_shortly_before_count() -> None:
    talk = Talk().open()
    talk.async_message(3)
    talk.reject(talk.nop_out(b"x", target_tag=3, tag=9), 4)
    talk.fin(T2I)
    text = reasons(talk)
    assert text.splitlines()[0] == "the target had sent an Asynchronous Message: Session drop notification"
    assert "the target had rejected a PDU: Protocol Error" in text


def test_a_logout_that_the_target_asked_for_says_so() -> None:
    talk = Talk().open()
    talk.async_message(1)
    talk.close()
    found = ending(talk)
    assert found.logout is not None and found.logout.asked_by_target
    assert found.reasons[0].words == "the target had asked for the logout by an Asynchronous Message"


def test_a_target_that_counts_immediate_commands_makes_the_initiator_stall() -> None:
    words = [reason.words for reason in sample("i01").endings[0].reasons]
    assert words[0] == "the initiator had sent no PDU for 2 min 0 s, the target 40 meanwhile"
    assert words[1].startswith("the target expects CmdSN 1160565929, the initiator is at 1160565928")


def test_a_command_beyond_the_window_and_a_missing_command_are_told() -> None:
    assert any("is beyond the window" in reason.words for reason in sample("k60_testcu_iSCSIcmdsn").endings[1].reasons)
    talk = Talk().open()
    talk.read(4096)
    talk.command(cmd_sn=talk.session.cmd_sn + 5)
    talk.wait(4)
    talk.fin(I2T)
    assert "the target waits for CmdSN" in reasons(talk) and "which was never sent" in reasons(talk)


def test_bytes_that_nobody_acknowledges_are_told_with_the_silence() -> None:
    talk = Talk(ack_every=0).open()
    talk.read(4096)
    talk.nop_out(b"x")
    talk.wait(20)
    talk.rst(I2T)
    text = reasons(talk)
    assert "bytes of the initiator were not acknowledged by TCP; no frame came from the target for the last" in text


def test_what_the_capture_lacks_is_no_reason() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.close()
    (found,) = study(one_direction(talk.frames, T2I)).endings
    assert found.reasons == []
    assert found.lacks == ["its beginning", "everything that the initiator sent"]


def test_the_time_of_the_end_is_that_of_the_first_fin() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.wait(0.25)
    talk.fin(T2I)
    talk.wait(3)
    talk.fin(I2T)
    found = ending(talk)
    assert round(found.quiet_ns / MS) == 250
    assert found.by == "target"


def test_a_connection_whose_ports_were_used_again_had_ended_unseen() -> None:
    """Also when what came after it went elsewhere; it was not open at the end of the capture."""
    talk = Talk().open()
    talk.command(read=512)
    talk.wait(1)
    again = talk.beside(initiator_port=talk.initiator.port, initiator_seq=9_000_000, target_seq=8_000_000)
    again.open(discovery=True)
    found = study(talk)
    assert [session.how for session in found.sessions] == ["replaced", "open"]
    assert "never ended on the wire, but its ports were used again" in said(found, 1)
