"""1. The story of a dropped session: what happened, why, what was lost, and who came back."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.mangle_loss import cut_start
from tests.support.talk import I2T, T2I, Talk


@pytest.mark.parametrize(
    ("name", "phrases"),
    [
        ("k24", ["session 1 (kernel -> io) was closed by the initiator at 26.394 s (FIN, then RST), without a logout"]),
        ("k24", ["ABORT TASK had no answer for 15.1 s", "WRITE(10) on LUN 0 for 24.8 s was the oldest"]),
        ("k24", ["the target answered pings to the end, so its network was alive and its storage was not"]),
        ("k24", ["session 2 took its place: logged in 2.04 s after the end; no status came for 27.1 s"]),
        ("k26", ["was reset by the initiator at 1.310 s, without a logout", "nothing in the capture tells why"]),
        ("k26", ["session 2 took its place: logged in 2.03 s after the end"]),
        ("k34", ["session 2 (kernel -> disk1) was reset by the initiator at 8.160 s"]),
        ("i01", ["the initiator had sent no PDU for 2 min 0 s, the target 40 meanwhile"]),
        ("i01", ["the target expects CmdSN 1160565929, the initiator is at 1160565928"]),
        ("i09", ["was closed by the target", "session 2 tried to take its place: the target never answered"]),
        ("m57", ["was closed by the target", "then 2 attempts to connect again were refused"]),
        ("m45", ["a ping (NOP-Out) of the initiator had no answer for 2 s; nothing came from the target any more"]),
    ],
)
def test_real_drops(name: str, phrases: list[str]) -> None:
    text = said(sample(name), 1)
    for phrase in phrases:
        assert phrase in text


@pytest.mark.parametrize("name", ["f01", "k20", "u31", "u32", "f10", "f41", "f44", "k01", "u08"])
def test_sessions_that_logged_out_go_on_or_never_began_are_not_told(name: str) -> None:
    assert lines(sample(name), 1) == []


def test_sessions_that_were_closed_while_nothing_went_on_are_one_line() -> None:
    (line,) = lines(sample("m01"), 1)
    assert line.text == "sessions 2, 3 and 4 were closed by the initiator without a logout; nothing was waiting"
    assert line.severity == "info"


def test_what_was_lost_is_named() -> None:
    talk = Talk().open()
    talk.command(read=4096, lun=5)
    talk.fin(T2I)
    talk.wait(3)
    talk.fin(I2T)
    text = said(study(talk), 1)
    assert "lost with it: 1 SCSI task (READ(10) on LUN 5)" in text
    assert "nobody came back until the capture ended 3 s later" in text
    assert worst(study(talk), 1) == "bad"


def test_a_session_that_fell_silent_is_told_with_its_silence() -> None:
    talk = Talk().open()
    talk.command(read=4096)
    other = talk.beside().open()
    talk.wait(30)
    other.read(4096)
    other.close()
    assert "is silent since its last frame" in said(study(talk), 1)
    assert "30 s before the capture ends" in said(study(talk), 1)


def test_a_session_that_was_replaced_without_an_end() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.wait(3)
    talk.beside(session=talk.session).open().read(4096)
    assert "never ended on the wire: the login of session 2 took its place" in said(study(talk), 1)


def test_a_login_beside_an_open_session_of_the_same_isid_is_told_as_such() -> None:
    talk = Talk().open()
    talk.read(4096)
    again = talk.beside(session=talk.session).open()
    again.read(4096)
    talk.wait(1)
    talk.rst(T2I)
    assert "session 2 logged in with the same ISID at 0.001" in said(study(talk), 1) or (
        "while this one was still open" in said(study(talk), 1)
    )


def test_a_capture_that_lacks_bytes_makes_no_one_guilty() -> None:
    talk = Talk().open()
    task = talk.command(read=16384)
    before = len(talk.frames)
    talk.data_in(task, 16384, status=0)
    lost = set(range(before, len(talk.frames) - 1))
    talk.read(4096)
    talk.fin(T2I)
    frames = [frame for place, frame in enumerate(talk.frames) if place not in lost]
    found = study(frames)
    assert "the capture lacks" in said(found, 1)
    assert worst(found, 1) == "look"


def test_of_a_loop_only_the_first_stories_are_told() -> None:
    talk = Talk().open()
    talk.rst(T2I)
    for _ in range(9):
        talk.wait(1)
        talk.beside(session=talk.session).open().rst(T2I)
    found = [line for line in lines(study(talk), 1) if not line.detail]
    assert len(found) == 4
    assert found[-1].text == "7 more sessions were dropped; see 11"


def test_a_target_that_announces_the_end_has_said_why() -> None:
    talk = Talk().open()
    talk.async_message(2)
    talk.rst(I2T)
    assert "the target had sent an Asynchronous Message: Connection drop notification" in said(study(talk), 1)


def test_nobody_is_said_to_have_stayed_away_whose_name_is_not_known() -> None:
    """Without the login of the session that was dropped, whoever logs in later may be the same."""
    talk = Talk().open()
    begun = len(talk.frames)
    talk.command(read=4096, lun=5)
    talk.fin(T2I)
    talk.wait(3)
    talk.fin(I2T)
    text = said(study(cut_start(talk.frames, begun)), 1)
    assert "lost with it: 1 SCSI task" in text
    assert "nobody came back" not in text
