"""What the capture can prove: each question errs towards silence."""

from __future__ import annotations

import pytest

from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.task import KIND_NOP, KIND_SCSI, Task
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.evidence import (
    BOTH,
    OF_INITIATOR,
    OF_TARGET,
    all_seen,
    alone,
    believed,
    doubtful,
    pdu_before,
    requests_known,
    whole,
)
from iscsi_analyzer.store.rows import DIGEST_BAD, DIGEST_OK, DIGEST_UNKNOWN, HEADER_DIGEST_SHIFT
from tests.iscsi_analyzer.stores import Feeding, store_of
from tests.support.mangle_loss import one_direction
from tests.support.talk import I2T, STREAM, T2I, Talk
from tests.support.talk_capture import Frame
from tests.support.talk_pdu import COMMAND, LOGIN_REQUEST, LOGIN_RESPONSE


def follower(frames: list[Frame], options: Options | None = None) -> Follower:
    """What is known of the first connection so far; the capture goes on."""
    feeding = Feeding(options)
    feeding.feed(frames)
    return feeding.store.followers[0]


def busy(**settings: object) -> Talk:
    talk = Talk(**settings).open()  # type: ignore[arg-type]
    for number in range(3):
        talk.read(512, lba=number)
    return talk


def both(found: Follower) -> tuple[bool, bool]:
    return all_seen(found, True), all_seen(found, False)


def test_in_a_whole_capture_everything_acknowledged_was_seen() -> None:
    talk = busy()
    assert both(follower(talk.frames)) == (True, True)
    talk.fin()
    assert both(follower(talk.frames)) == (True, True), "the FIN counts as a byte"


@pytest.mark.parametrize("direction", [I2T, T2I])
def test_where_bytes_are_acknowledged_that_were_not_seen_not_everything_was_seen(direction: str) -> None:
    talk = busy(ack_every=0)
    task = talk.command(read=512)
    if direction == T2I:
        talk.data_in(task, 512, status=0)
    lost = len(talk.frames) - 1
    for _ in range(3):  # the first of them wait for what they acknowledge
        talk.wait(1)
        talk.ack(T2I if direction == I2T else I2T)
    frames = [frame for number, frame in enumerate(talk.frames) if number != lost]
    assert all_seen(follower(frames), direction == I2T) is False
    assert all_seen(follower(talk.frames), direction == I2T) is True


@pytest.mark.parametrize("direction", [I2T, T2I])
@pytest.mark.parametrize("seq", [1_000_000, 0x7FFFFF00, 0x80000010, 0xC0000000, 0xFFFFFF00])
def test_of_a_direction_that_was_never_seen_nothing_was(direction: str, seq: int) -> None:
    """Whatever its sequence numbers are."""
    talk = busy(initiator_seq=seq, target_seq=seq)
    found = follower(one_direction(talk.frames, direction))
    assert all_seen(found, direction != I2T) is False


def test_while_framing_is_lost_nothing_is_sure() -> None:
    talk = busy()
    talk.raw(T2I, b"\x7frubbish" * 30)
    found = follower(talk.frames)
    assert both(found) == (True, False)


def test_in_the_middle_of_data_everything_before_is_known() -> None:
    talk = busy(segmentation=STREAM)
    talk.data_in(talk.command(read=16384), 16384, status=0)
    found = follower(talk.frames[:-6])
    assert all_seen(found, False)


def test_one_connection_that_may_have_no_others_is_alone() -> None:
    assert alone(follower(busy().frames))
    assert not alone(follower(busy(max_connections=2).frames)), "there may be another that is not in the capture"
    assert not alone(follower(busy().frames[9:])), "its login was not seen"
    talk = busy(max_connections=2)
    talk.join().open()
    assert not alone(follower(talk.frames))


def test_a_task_is_whole_while_nothing_was_lost_since_its_command() -> None:
    found = follower(busy().frames)
    task = Task(KIND_SCSI, 1, 5, 1)
    assert whole(found, task)
    task.losses = found.losses - 1
    assert not whole(found, task)
    assert not whole(found, Task(KIND_SCSI, 1, 0, 1)), "its command was not captured"
    assert not whole(found, Task(KIND_NOP, 1, 5, 1))


def test_requests_are_known_in_a_whole_capture_of_a_single_connection() -> None:
    talk = busy()
    assert requests_known(follower(talk.frames))
    assert not requests_known(follower(talk.frames[9:]))
    (lost,) = {frame for pdu in talk.pdus[4:5] for frame, _, _ in pdu.spans}
    holed = store_of([frame for number, frame in enumerate(talk.frames) if number != lost])
    assert not requests_known(holed.followers[0])
    found = follower(talk.frames)
    found.session.overflows = 1
    assert not requests_known(found), "some requests are not followed any more"


def test_headers_are_doubtful_where_digests_are_unknown_and_the_beginning_is_missing() -> None:
    late = follower(busy().frames[11:12])
    assert doubtful(late, COMMAND) and not doubtful(late, LOGIN_REQUEST) and not doubtful(late, LOGIN_RESPONSE)
    assert not doubtful(follower(busy().frames), COMMAND)
    told = follower(busy().frames[11:12], Options(digests="none"))
    assert not doubtful(told, COMMAND), "the user knows"


def test_where_headers_have_digests_only_a_right_one_is_believed() -> None:
    plain, digested = follower(busy().frames), follower(busy(header_digest=True).frames)
    for digest in (DIGEST_OK, DIGEST_BAD, DIGEST_UNKNOWN):
        row = digest << HEADER_DIGEST_SHIFT
        assert believed(plain, COMMAND, row)
        assert believed(digested, COMMAND, row) == (digest == DIGEST_OK)
        assert believed(digested, LOGIN_REQUEST, row), "login PDUs have none"


def test_a_direction_whose_place_is_unknown_was_not_seen() -> None:
    """Its acknowledgements alone prove nothing, however large their numbers are."""
    found = follower(busy().frames)
    sender = found.connection.to_target
    assert sender is not None
    for acked in (0, 5, 0x80000010, 0xFFFFFFFF):
        sender.peer.acked, sender.peer.next_seq = acked, -1
        assert all_seen(found, False) is False


def test_the_pdu_before_is_one_of_the_same_connection_and_not_far_away() -> None:
    """Two logins of two PDUs each way; then one connection asks twice, the other once in between."""
    talk = Talk().open()
    other = talk.beside().open()
    talk.command()
    other.command()
    talk.command()
    found = follower(talk.frames)
    assert pdu_before(found, 11, BOTH, 64) == pdu_before(found, 11, OF_INITIATOR, 64) == 9
    assert pdu_before(found, 11, OF_TARGET, 64) == 4
    assert pdu_before(found, 11, OF_TARGET, 6) == 0
    assert pdu_before(found, 1, BOTH, 64) == 0
