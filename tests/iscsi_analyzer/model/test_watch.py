"""Who watches sees every PDU before the model takes note of it, and every end of a task."""

from __future__ import annotations

from collections import Counter

from iscsi_analyzer.model import task as model
from iscsi_analyzer.model.watch import Look, Watcher
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.plugin import Plugin
from tests.iscsi_analyzer.stores import Feeding, every_kind, sliced
from tests.support.talk import Talk
from tests.support.talk_capture import Frame
from tests.support.talk_pdu import COMMAND, NOP_IN, NOP_OUT


class Diary:
    """What a plug-in was shown, copied."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int, bytes, bool, bool, bool]] = []
        self.tasks: list[tuple[int, int, int]] = []
        self.over: list[tuple[int, int, int]] = []
        self.closed: list[int] = []
        self.late: list[int] = []

    def plugin(self) -> Plugin:
        return Plugin("diary", see=self._see, over=self._over, closed=self._closed)

    def _see(self, follower: object, look: Look, desk: object) -> None:
        self.seen.append((look.number, look.opcode, look.header, look.to_target, look.whole, look.immediate))
        self.tasks.append((look.number, look.opcode, 0 if look.task is None else look.task.request))
        self.late.append(look.late)

    def _over(self, follower: object, task: model.Task, outcome: int, number: int, desk: object) -> None:
        self.over.append((task.request, outcome, number))

    def _closed(self, follower: object, desk: object) -> None:
        self.closed.append(1)


def watched(frames: list[Frame]) -> tuple[Diary, Feeding]:
    diary = Diary()
    feeding = Feeding(Options(plugins=(diary.plugin(),)))
    feeding.feed(frames)
    feeding.engine.finish()
    return diary, feeding


def test_every_pdu_is_shown_once_in_the_order_of_its_number() -> None:
    diary, feeding = watched(every_kind().frames)
    rows = list(feeding.store.rows())
    assert [entry[0] for entry in diary.seen] == list(range(1, len(rows) + 1))
    assert [entry[1:4] for entry in diary.seen] == [(row.opcode, row.header, row.to_target) for row in rows]
    assert all(whole for *_, whole, _ in diary.seen)
    assert [entry[5] for entry in diary.seen] == [bool(row.header[0] & 0x40) for row in rows]


def test_a_cut_header_is_shown_as_such() -> None:
    diary, _ = watched(sliced(every_kind().frames, 54 + 12 + 40))
    assert diary.seen and not any(whole for *_, whole, _ in diary.seen)


def test_the_model_is_shown_as_it_stood_before() -> None:
    """A request meets no task of its own, an answer the one that it ends."""
    talk = Talk().open()
    task = talk.test_unit_ready()
    talk.command(tag=task.tag)
    diary, _ = watched(talk.frames)
    assert diary.tasks[-3:] == [(5, COMMAND, 0), (6, 0x21, 5), (7, COMMAND, 0)]
    assert diary.late[-1] == 5


def test_a_ping_of_the_target_is_found_by_its_tag() -> None:
    talk = Talk().open()
    talk.target_ping()
    diary, _ = watched(talk.frames)
    assert diary.tasks[-2:] == [(5, NOP_IN, 0), (6, NOP_OUT, 5)]


def test_the_end_of_every_task_is_told_once_also_of_those_that_nobody_answered() -> None:
    diary, feeding = watched(every_kind().frames)
    writer = feeding.engine.listener.sessions.tasks
    rows = writer.tail()
    size = model.TASK_SIZE
    written = Counter((int.from_bytes(rows[at : at + 4], "little"), rows[at + 73]) for at in range(0, len(rows), size))
    told = Counter((request, outcome) for request, outcome, _ in diary.over)
    assert told == written
    assert {number for _, outcome, number in diary.over if outcome in (model.CLOSED, model.OPEN_AT_END)} == {0}
    assert len(diary.closed) == len(feeding.store.connections)


def test_who_only_watches_does_nothing() -> None:
    """The base answers every event with silence."""
    talk = Talk().open()
    feeding = Feeding(Options(judge=False))
    feeding.engine.listener.sessions.watcher = Watcher()
    feeding.feed(talk.frames)
    feeding.engine.finish()
    assert len(feeding.store) == len(talk.pdus) and feeding.engine.desk.findings == []
