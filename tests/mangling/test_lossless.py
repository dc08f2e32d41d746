"""What loses no byte changes nothing: every PDU, every task and every fact about them is what it was."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from iscsi_analyzer.model.login import Login
from tests.mangling.analysed import Analysed, truth_by_stream
from tests.mangling.talks import NAMES, talk_of
from tests.support.mangle import LOSSLESS, lossless, seed_of
from tests.support.talk_capture import Frame
from tests.support.talk_pdu import COMMAND, DATA_IN, RESPONSE, Pdu

SEEDS = range(16)


def judge(name: str, analysed: Analysed) -> None:
    """Everything that was said is there, as it was said, and nothing else."""
    talk = talk_of(name)
    found, truth = analysed.by_stream(talk), truth_by_stream(talk)
    assert set(found) == set(truth)
    for stream, said in truth.items():
        seen = found[stream]
        assert [one.raw for one in seen] == [pdu.wire for pdu in said]
        for one, pdu in zip(seen, said, strict=True):
            assert one.row.header == pdu.header and not one.damaged and not one.odd
            assert (one.row.header_digest, one.row.data_digest) == digests(pdu)
            assert analysed.store.data(one.number) == pdu.data and one.row.data_captured == len(pdu.data)
            assert analysed.store.ahs(one.number) == pdu.ahs
    assert analysed.store.losses == []
    assert [half.conflicts for half in halves(analysed)] == [0] * len(halves(analysed))
    assert [half.gap_bytes + half.snaplen_bytes for half in halves(analysed)] == [0] * len(halves(analysed))


def digests(pdu: Pdu) -> tuple[str, str]:
    return "ok" if pdu.header_digest else "absent", "ok" if pdu.data_digest else "absent"


def halves(analysed: Analysed) -> list[object]:
    return [half for connection in analysed.store.connections for half in (connection.first, connection.second)]


def facts(login: Login) -> tuple[object, ...]:
    """What a login settled, without the numbers of PDUs."""
    said = Counter((one.to_target, one.key, one.value) for one in login.said)
    return login.requests, login.responses, login.status, login.complete, login.isid, login.tsih, login.cid, said


@cache
def plain(name: str) -> Analysed:
    return Analysed(talk_of(name).frames)


def sessions(analysed: Analysed) -> list[tuple[object, ...]]:
    return [
        (sorted(session.connections), session.initiator_name, session.target_name, session.tsih, session.assumed)
        for session in analysed.engine.listener.sessions.sessions
    ]


@pytest.mark.parametrize("name", NAMES)
def test_an_intact_capture_yields_the_conversation(name: str) -> None:
    """Unmangled: each PDU with its bytes, data and digests; every task answered; sessions as the logins say."""
    analysed = plain(name)
    judge(name, analysed)
    assert {task.outcome for task in analysed.tasks} == {"answered"}
    assert all(login.complete and not login.hole for login in analysed.store.logins)
    said = talk_of(name).pdus
    commands = sorted((pdu.connection, pdu.word(16)) for pdu in said if pdu.opcode == COMMAND)
    lines = analysed.lines(talk_of(name))
    tasks = [task for task in analysed.tasks if task.kind == "scsi"]
    assert sorted((lines[task.connection - 1], task.tag) for task in tasks) == commands
    ends = [pdu for pdu in said if pdu.opcode == RESPONSE or (pdu.opcode == DATA_IN and pdu.header[1] & 1)]
    names = analysed.names(talk_of(name))
    answers = {names[task.answer] for task in tasks}
    truth = truth_by_stream(talk_of(name))
    assert {id(truth[line, direction][place]) for line, direction, place in answers} == {id(pdu) for pdu in ends}


@pytest.mark.parametrize("name", NAMES)
def test_frames_and_times_of_a_pdu_are_those_of_its_bytes(name: str) -> None:
    """Its first frame holds the first byte of its header, its last frame the last byte."""
    talk, analysed = talk_of(name), plain(name)
    found = analysed.by_stream(talk)
    for stream, said in truth_by_stream(talk).items():
        for one, pdu in zip(found[stream], said, strict=True):
            frames = [frame for frame, _, _ in pdu.spans]
            assert (one.row.frame_first, one.row.frame_last) == (frames[0] + 1, frames[-1] + 1)
            assert one.row.time_first == talk.frames[frames[0]].ts_ns
            assert one.row.time_last == talk.frames[frames[-1]].ts_ns
            assert analysed.store.frames(one.row) == sorted({frame + 1 for frame in frames})


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_what_loses_nothing_changes_nothing(name: str, seed: int) -> None:
    """Split, merged, reordered, repeated, fragmented, wrapped: the same PDUs, the same tasks, the same logins."""
    talk = talk_of(name)
    mangle = lossless(seed_of(name, seed))
    analysed = Analysed(mangle(talk.frames))
    judge(name, analysed)
    assert analysed.named_tasks(talk) == plain(name).named_tasks(talk), mangle
    assert sorted(map(str, map(facts, analysed.store.logins))) == sorted(map(str, map(facts, plain(name).store.logins)))
    assert sessions(analysed) == sessions(plain(name))


@pytest.mark.parametrize("step", LOSSLESS)
def test_each_way_to_mangle_alone_changes_nothing(step: str) -> None:
    """One after the other, so that a failure has one name."""
    from random import Random

    for name in ("as LIO", "a stream with digests"):
        talk = talk_of(name)
        for seed in range(3):
            analysed = Analysed(LOSSLESS[step](talk.frames, Random(seed)))
            judge(name, analysed)
            assert analysed.named_tasks(talk) == plain(name).named_tasks(talk), (name, seed)


def test_what_lies_between_frames_is_not_looked_at() -> None:
    """Other bytes around the frames of a chunk change nothing."""
    talk = talk_of("two connections with digests")
    frames: list[Frame] = lossless(3)(talk.frames)
    one, other = Analysed(frames, between=bytes(16)), Analysed(frames, between=b"\xff" * 16)
    assert list(one.store.rows()) == list(other.store.rows())
    assert one.tasks == other.tasks
