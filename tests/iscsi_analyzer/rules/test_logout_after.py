"""What comes after a Logout: on its connection, in its session, and at TCP level."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iscsi_analyzer.rules import logout_after
from tests.iscsi_analyzer.rules.judging import (
    accused,
    check_example,
    check_losses,
    each_lost,
    finding_of,
    findings_of,
    names,
    near_miss,
)
from tests.support.mangle_loss import one_direction
from tests.support.talk import I2T, T2I, Talk


@pytest.mark.parametrize("name", names(logout_after))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


REQUESTS: dict[str, Callable[[Talk], object]] = {
    "command": lambda talk: talk.command(read=4096),
    "ping": lambda talk: talk.nop_out(),
    "text": lambda talk: talk.text_request({"SendTargets": ""}),
    "task management": lambda talk: talk.tmf_request(5),
}


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("reason", [0, 1])
def test_a_logout_is_the_last_request(request_name: str, reason: int) -> None:
    talk = Talk().open()
    logout = talk.logout_request(reason)
    REQUESTS[request_name](talk)
    talk.logout_response(tag=logout.word(16))
    talk.fin()
    finding = finding_of(talk, "logout-request-after")
    assert len(finding.related) == 1 and finding.related[0] < finding.pdu


@near_miss("logout-request-after")
def test_what_is_no_new_request_may_follow() -> None:
    """Data that was asked for, and the answer to a ping of the target."""
    talk = Talk().open()
    write = talk.start_write(262144)
    burst = talk.r2t(write, 8192)
    ping = talk.nop_in()
    logout = talk.logout_request()
    talk.data_out(write, 8192, burst=burst)
    talk.nop_out(target_tag=ping.word(20))
    talk.logout_response(tag=logout.word(16))
    talk.fin()
    assert [rule for rule in findings_of(talk) if rule.startswith("logout")] == []


@near_miss("logout-request-after")
@pytest.mark.parametrize("response", [2, 3])
def test_after_a_logout_that_failed_the_connection_goes_on(response: int) -> None:
    talk = Talk().open()
    talk.logout_response(response, tag=talk.logout_request().word(16))
    talk.read()
    talk.close()
    assert findings_of(talk) == []


@near_miss("logout-request-after")
def test_after_a_logout_that_was_rejected_the_connection_goes_on() -> None:
    talk = Talk().open()
    talk.reject(talk.logout_request(immediate=True), reason=9)
    talk.read()
    talk.close()
    assert findings_of(talk) == []


@near_miss("logout-request-after", "logout-session-request-after")
def test_a_logout_of_another_connection_stops_nothing_here() -> None:
    talk = Talk(error_recovery_level=2, max_connections=2).open()
    other = talk.join().open()
    other.ping()
    other.rst(T2I)
    talk.wait(3)
    talk.logout_response(tag=talk.logout_request(2, cid=other.cid).word(16))
    talk.read()
    talk.close()
    assert findings_of(talk) == []


@near_miss("logout-request-after")
def test_with_one_direction_nobody_knows_whether_the_logout_failed() -> None:
    talk = Talk().open()
    talk.logout_response(3, tag=talk.logout_request().word(16))
    talk.read()
    talk.close()
    assert findings_of(one_direction(talk.frames, I2T)) == []
    assert [accused(frames) for frames in each_lost(talk) if accused(frames)] == []


def both_connections(*, immediate: bool, after: bool) -> Talk:
    """A session of two connections is logged out on one; the other sends a command before or after that."""
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    other.ping()
    task = None if after else other.command(read=4096)
    logout = talk.logout_request(immediate=immediate)
    task = other.command(read=4096) if after else task
    assert task is not None
    other.serve(task)
    talk.logout_response(tag=logout.word(16))
    talk.fin()
    other.fin()
    return talk


@pytest.mark.parametrize("immediate", [False, True])
def test_a_logout_of_the_session_is_the_last_request_on_all_connections(immediate: bool) -> None:
    finding = finding_of(both_connections(immediate=immediate, after=True), "logout-session-request-after")
    assert finding.connection == 2


@near_miss("logout-session-request-after")
@pytest.mark.parametrize("immediate", [False, True])
def test_an_earlier_command_may_be_captured_later(immediate: bool) -> None:
    """Its CmdSN shows that it was made before the Logout."""
    talk = both_connections(immediate=immediate, after=False)
    assert findings_of(talk) == []


@near_miss("logout-session-request-after")
def test_the_order_of_two_connections_in_the_capture_proves_nothing() -> None:
    talk = Talk(max_connections=2).open()
    other = talk.join().open()
    other.ping()
    number = talk.session.cmd_sn
    talk.session.cmd_sn += 1
    logout = talk.logout_request()
    other.command(read=4096, cmd_sn=number)
    talk.logout_response(tag=logout.word(16))
    assert "logout-session-request-after" not in findings_of(talk)


@pytest.mark.parametrize("late", ["status", "ping", "async"])
def test_a_logout_response_is_the_last_pdu(late: str) -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    talk.logout()
    if late == "status":
        talk.response(task)
    elif late == "ping":
        talk.nop_in()
    else:
        talk.async_message(3)
    assert "logout-pdu-after-response" in findings_of(talk)


@near_miss("logout-pdu-after-response")
def test_before_the_logout_response_everything_may_be_answered() -> None:
    talk = Talk().open()
    task = talk.command(read=4096)
    logout = talk.logout_request()
    talk.serve(task)
    talk.logout_response(tag=logout.word(16))
    talk.fin()
    assert findings_of(talk) == []


def test_a_logout_is_answered_before_the_connection_is_closed() -> None:
    talk = Talk().open()
    talk.logout_request()
    talk.ack(T2I)
    talk.fin(T2I)
    finding = finding_of(talk, "logout-response-missing")
    assert finding.party == "target" and finding.pdu == 0 and finding.related


@near_miss("logout-response-missing")
@pytest.mark.parametrize("end", ["initiator", "reset", "unheard", "capture"])
def test_a_logout_may_stay_without_an_answer(end: str) -> None:
    """The initiator does not wait; the connection breaks; the Logout had not arrived; the capture is over."""
    talk = Talk().open()
    if end == "unheard":
        with talk.deaf(T2I):
            talk.logout_request()
            talk.fin(T2I)
    else:
        talk.logout_request()
        if end == "initiator":
            talk.fin(I2T)
            talk.fin(T2I)
        elif end == "reset":
            talk.rst(T2I)
    assert "logout-response-missing" not in findings_of(talk)


@near_miss("logout-response-missing")
def test_an_answer_that_the_capture_lacks_was_given() -> None:
    talk = Talk().open()
    talk.close()
    assert [accused(frames) for frames in each_lost(talk) if accused(frames)] == []


def test_a_connection_is_closed_after_its_logout() -> None:
    talk = Talk().open()
    talk.logout()
    talk.wait(20)
    talk.ack(I2T)
    finding = finding_of(talk, "logout-tcp-not-closed")
    assert finding.facts == {"seconds": 20} and len(finding.related) == 1


@near_miss("logout-tcp-not-closed")
@pytest.mark.parametrize("direction", [I2T, T2I])
def test_either_side_may_be_slow_to_close(direction: str) -> None:
    talk = Talk().open()
    talk.logout()
    talk.wait(20)
    talk.fin(direction)
    assert "logout-tcp-not-closed" not in findings_of(talk)


@near_miss("logout-tcp-not-closed")
def test_a_capture_may_end_with_the_logout() -> None:
    """Other connections go on for long."""
    talk = Talk().open()
    other = talk.beside().open()
    talk.logout()
    other.wait(60)
    other.ping()
    other.close()
    assert findings_of(talk) == []


@near_miss("logout-tcp-not-closed")
def test_a_fin_may_be_among_the_frames_that_are_missing() -> None:
    talk = Talk().open()
    talk.logout()
    talk.fin(T2I)
    fin = len(talk.frames) - 1
    talk.wait(20)
    talk.ack(I2T)
    frames = talk.frames
    assert findings_of(frames[:fin] + frames[fin + 1 :]) == []


def test_an_answer_that_the_capture_shows_before_its_request_is_not_missed() -> None:
    """Frames in another order than on the wire: the Logout Response comes first."""
    talk = Talk().open()
    talk.logout()
    talk.fin("T2I")
    frames = talk.frames
    request, response = (pdu.spans[0][0] for pdu in talk.pdus[-2:])
    order = [*range(request), *range(request + 1, len(frames)), request]
    assert response > request and findings_of(talk) == []
    swapped = [frames[index]._replace(ts_ns=frame.ts_ns) for index, frame in zip(order, frames, strict=True)]
    assert "logout-response-missing" not in findings_of(swapped)
