"""Traffic for tests that want much of it: a seeded mixture of everything that a healthy session does, many tasks at a
time.

    talk = mixture(seed=3, pdus=1000, connections=2, data_digest=True)

Some fifty milliseconds for a thousand PDUs: keep the result (`functools.cache`) where several tests look at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from tests.support.talk import Talk

Work = Iterator[None]
"A piece of conversation that pauses after every PDU."


def mixture(seed: int = 0, *, pdus: int = 1000, depth: int = 8, connections: int = 1, **settings: Any) -> Talk:
    """A session of about that many PDUs from login to logout: reads, writes, other tasks and pings, up to `depth` of
    them at a time, whose PDUs alternate at random. Every task ends well. Settings are those of `Talk`."""
    random = Random(seed)
    talk = Talk(**{"max_connections": connections, **settings})
    talks = [talk, *(talk.join(cid=number) for number in range(1, connections))]
    for each in talks:
        each.open()
    under_way: list[Work] = []
    while under_way or len(talk.wire.pdus) < pdus - 2 * connections:
        if len(talk.wire.pdus) < pdus - 2 * connections and len(under_way) < depth and random.random() < 0.5:
            under_way.append(random.choice(_KINDS)(random.choice(talks), random))
        elif under_way:
            work = random.choice(under_way)
            if next(work, _DONE) is _DONE:
                under_way.remove(work)
    # The leading connection's logout closes the session, so the others go first.
    for each in reversed(talks):
        each.logout(reason=0 if each is talk else 1)
        each.fin()
    return talk


_DONE = object()


def _read(talk: Talk, random: Random) -> Work:
    length, phase = random.choice((512, 4096, 16384)), random.random() < 0.7
    step = min(talk.terms.initiator_max_recv_data_segment_length, random.choice((512, 4096, 65536)))
    task = talk.command(read=length, lba=random.randrange(1 << 20), lun=random.randrange(3))
    yield
    while task.offset < length:
        size = min(step, length - task.offset, talk.terms.max_burst_length - task.offset % talk.terms.max_burst_length)
        talk.data_in(task, size, status=0 if phase and task.offset + size == length else None)
        yield
    if not phase:
        talk.response(task)
        yield


def _write(talk: Talk, random: Random) -> Work:
    length = random.choice((512, 4096, 12288))
    # The unsolicited data of a task follows its command at once, before any other command (RFC 7143 section 4.2.5.2).
    task = talk.start_write(length, lba=random.randrange(1 << 20), lun=random.randrange(3))
    yield
    while task.written < length:
        burst = talk.r2t(task)
        yield
        while burst.sent < burst.length:
            size = min(talk.terms.target_max_recv_data_segment_length, burst.length - burst.sent)
            talk.data_out(task, min(size, random.choice((1024, 8192))), burst=burst)
            yield
    talk.response(task)
    yield


def _inquiry(talk: Talk, random: Random) -> Work:
    room = 96
    task = talk.command(bytes((0x12, 0, 0, 0, room, 0)), read=room, lun=random.randrange(3))
    yield
    answer = bytes((0, 0, 6, 2, 31, 0, 0, 2)) + b"EXAMPLE Disk            0001"
    talk.data_in(task, answer, status=0, residual_count=room - len(answer))
    yield


def _test_unit_ready(talk: Talk, random: Random) -> Work:
    task = talk.command(lun=random.randrange(3))
    yield
    if random.random() < 0.8:
        talk.response(task)
    else:
        # UNIT ATTENTION, power on or reset: fixed format sense data.
        talk.response(task, 2, sense=bytes((0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0, 0, 0, 0, 0)))
    yield


def _ping(talk: Talk, random: Random) -> Work:
    data = random.randbytes(random.randrange(20))
    request = talk.nop_out(data)
    yield
    talk.nop_in(data, tag=request.word(16))
    yield


def _target_ping(talk: Talk, random: Random) -> Work:
    request = talk.nop_in()
    yield
    talk.nop_out(target_tag=request.word(20))
    yield


_KINDS = (_read, _read, _read, _write, _write, _inquiry, _test_unit_ready, _ping, _target_ping)
