"""Conversations full of repetitions: retried commands, responses and data that are sent again, rejected and aborted
tasks. All of it is right; a capture that lacks parts of it, or begins after them, must not make it look wrong."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from tests.mangling.analysed import Analysed
from tests.mangling.test_findings import WITHOUT, accused, sentences
from tests.support.mangle import lossless, lossy
from tests.support.mangle_loss import cut_start, drop, late
from tests.support.talk import STREAM, Talk
from tests.support.talk_pdu import NONE

SEEDS = range(20)
STEPS = ("read", "write", "queue", "ping", "ask", "retry", "status again", "data again", "abort", "reset", "reject")


@cache
def recoveries(seed: int) -> Talk:
    """Some twenty steps, most of them with a repetition; by seed at ErrorRecoveryLevel 1 or 2, with digests or none."""
    random = Random(f"recoveries {seed}")
    settings: dict[str, object] = {"error_recovery_level": random.choice((1, 2))}
    if seed % 3 == 0:
        settings.update(header_digest=True, data_digest=True)
    if seed % 4 == 0:
        settings["segmentation"] = STREAM
    talk = Talk(**settings).open()  # type: ignore[arg-type]
    for _ in range(20):
        take(talk, random.choice(STEPS), random)
    talk.close()
    return talk


def take(talk: Talk, step: str, random: Random) -> None:
    if step == "read":
        talk.read(random.choice((512, 20000)), phase=random.random() < 0.5)
    elif step == "write":
        talk.write(random.choice((512, 20000)))
    elif step == "queue":
        tasks = [talk.command(read=random.choice((512, 8192))) for _ in range(random.randint(2, 5))]
        for task in random.sample(tasks, len(tasks)):
            talk.serve(task)
    elif step == "ping":
        talk.target_ping()
        talk.nop_out(tag=NONE, immediate=True)
    elif step == "ask":
        talk.nop_in(tag=talk.nop_out(immediate=True).word(16))
    elif step == "retry":
        first, second = talk.command(read=4096), talk.command(read=4096)
        talk.serve(talk.command(read=4096, tag=first.tag, cmd_sn=first.cmd_sn))
        talk.serve(second)
    elif step == "status again":
        first, second, stat_sn = talk.command(), talk.command(), talk.stat_sn
        talk.response(first)
        talk.response(second)
        talk.snack(1, begin=stat_sn, run=1, exp_stat_sn=stat_sn)
        talk.response(first, stat_sn=stat_sn)
    elif step == "data again":
        task = talk.command(read=12288)
        for number, place, status in ((0, 0, None), (1, 4096, None), (1, 4096, None), (2, 8192, 0)):
            if (number, place) == (1, 4096) and talk.pdus[-1].opcode == 0x25 and talk.pdus[-1].word(36) == 1:
                talk.snack(0, task=task, begin=1, run=1)
            talk.data_in(task, 4096, offset=place, data_sn=number, status=status)
    elif step == "abort":
        task = talk.command(read=4096)
        talk.data_in(task, 512, offset=0)
        talk.tmf(1, task)
    elif step == "reset":
        talk.command(read=4096)
        talk.command(read=512)
        talk.tmf(5)
    elif step == "reject":
        task = talk.command(read=4096)
        talk.reject(talk.pdus[-1], reason=5, exp_cmd_sn=task.cmd_sn, max_cmd_sn=talk.session.max_cmd_sn)
        talk.nop_in(tag=talk.nop_out(cmd_sn=task.cmd_sn).word(16))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_conversation_with_repetitions_accuses_nobody(seed: int) -> None:
    frames = recoveries(seed).frames
    assert sentences(accused(Analysed(frames))) == []
    mangle = lossless(seed)
    assert sentences(accused(Analysed(mangle(frames)))) == [], mangle


@pytest.mark.parametrize("seed", SEEDS)
def test_nor_does_what_is_left_of_it(seed: int) -> None:
    frames, random = recoveries(seed).frames, Random(seed)
    for number in range(4):
        mangle = lossy(100 * seed + number, without=WITHOUT)
        assert sentences(accused(Analysed(mangle(frames)))) == [], mangle
        left = drop(frames, random, share=random.choice((0.01, 0.05, 0.2)))
        assert sentences(accused(Analysed(left))) == [], number
        assert sentences(accused(Analysed(cut_start(frames, random.randrange(1, len(frames)))))) == [], number
        assert sentences(accused(Analysed(late(frames, random, count=1 + number)))) == [], number
