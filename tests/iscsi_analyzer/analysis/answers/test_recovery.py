"""11. Who came back, how long it took, and who keeps coming back."""

from __future__ import annotations

from tests.iscsi_analyzer.analysis.studies import lines, said, sample, study, worst
from tests.support.talk import T2I, Talk


def test_real_returns() -> None:
    for name, away in (("k24", "2.04 s"), ("k26", "2.03 s"), ("k34", "2.03 s")):
        text = said(sample(name), 11)
        assert "(with the same ISID), which was dropped at" in text
        assert f"logged in again after {away}, no status came for" in text


def test_ten_orderly_sessions_in_a_row_are_one_line() -> None:
    (line,) = lines(sample("u31"), 11)
    assert line.text == (
        "iscsi-inq -> disk1: 10 sessions one after the other, none longer than 3.64 ms, each ended by a logout"
    )
    assert line.severity == "info"


def test_a_loop_of_drops_hurts() -> None:
    talk = Talk().open()
    talk.rst(T2I)
    for _ in range(4):
        talk.wait(2)
        talk.beside(session=talk.session).open().rst(T2I)
    (line,) = lines(study(talk), 11)
    assert line.text.startswith("initiator -> target: 5 sessions one after the other")
    assert line.text.endswith("5 reset by the target")
    assert line.severity == "bad"


def test_a_return_after_an_orderly_end_is_nothing_to_tell() -> None:
    assert lines(sample("u32"), 11) == []


def test_a_reinstatement_of_a_session_that_never_ended() -> None:
    talk = Talk().open()
    talk.read(4096)
    talk.wait(3)
    talk.beside(session=talk.session).open().read(4096)
    assert "session 2 took the place of session 1 (with the same ISID), which never ended on the wire" in said(
        study(talk), 11
    )


def test_a_return_that_failed_says_so() -> None:
    assert "its login is not answered" in said(sample("i09"), 11)


def test_a_logout_that_the_target_asked_for() -> None:
    talk = Talk().open()
    talk.async_message(1)
    talk.close()
    assert said(study(talk), 11) == "session 1: the target asked for a logout, and the initiator logged out"
    assert worst(study(talk), 11) == "look"
