"""Old, ordinary PDUs can be given up while the analysis goes on: what is left says what it said before, and what comes
is understood and judged as if nothing had been given up."""

from __future__ import annotations

from random import Random

import pytest

from iscsi_analyzer.analysis.facts import Facts
from iscsi_analyzer.analysis.keys import connection_keys
from iscsi_analyzer.store.forgetting import forget
from iscsi_analyzer.store.store import Row, Store
from iscsi_analyzer.store.tasks import TaskRow, task_rows
from tests.iscsi_analyzer.stores import Feeding, store_of
from tests.mangling.talks import NAMES, talk_of
from tests.support.samples import sample
from tests.support.talk import Talk
from tests.support.talk_capture import Frame, read_pcap

BULK = {0x00, 0x01, 0x05, 0x20, 0x21, 0x25, 0x31}
Told = tuple[int, int, bytes, bytes]
"Of a PDU what does not depend on how it is counted: frame, time, header, all its bytes."


def told(store: Store, row: Row) -> Told:
    return row.frame_last, row.time_first, row.header, store.raw(row)


def all_told(store: Store) -> dict[Told, Told | None]:
    """Each PDU with the one that asked for it."""
    return {told(store, row): told(store, store.row(row.request)) if row.request else None for row in store.rows()}


def task_told(store: Store, task: TaskRow) -> tuple[object, ...]:
    """A task with its PDUs as they are told."""
    pdus = [task.request, task.answer, *task[2:8], task.by]
    return (*[told(store, store.row(pdu)) if pdu else None for pdu in pdus], *task[8:25])


def findings(store: Store) -> list[tuple[object, ...]]:
    return [(each.rule, each.party, each.count, each.facts) for each in store.findings_from(0)]


def fed(frames: list[Frame], *cuts: int) -> tuple[Store, int]:
    """The store of the whole capture, with most of what it had at each of these frames given up."""
    feeding = Feeding()
    gone = at = 0
    for cut in cuts:
        feeding.feed(frames[at:cut])
        gone += forget(feeding.store, len(feeding.store) * 4 // 5)
        at = cut
    feeding.feed(frames[at:])
    feeding.engine.finish()
    return feeding.store, gone


def compare(frames: list[Frame], *cuts: int) -> int:
    """Holds the laws; returns how many PDUs were given up."""
    full = store_of(frames)
    store, gone = fed(frames, *cuts)
    every, left = all_told(full), all_told(store)
    assert len(store) == len(full) - gone == len(left)
    assert list(left) == [each for each in every if each in left]  # still in order
    for pdu, asked in left.items():
        assert asked in (every[pdu], None)
        assert asked is not None or every[pdu] is None or every[pdu] not in left
    assert all(pdu in left for pdu in every if pdu[2][0] & 0x3F not in BULK)
    assert findings(store) == findings(full)
    for before, after in zip(full.findings_from(0), store.findings_from(0), strict=True):
        shown = {told(full, full.row(pdu)) for pdu in before.pdus}
        assert {told(store, store.row(pdu)) for pdu in after.pdus} == shown
    answered = {task_told(full, task)[0]: task_told(full, task) for task in task_rows(full) if task.answer}
    for task in task_rows(store):
        if task.request and task_told(store, task)[0] in answered:
            assert task.answer, "a task that stays has its answer"
    tasks = {task_told(full, task) for task in task_rows(full)}
    whole = [task_told(store, task) for task in task_rows(store) if task.request]
    assert [each for each in whole if each[0] is not None and None not in each[:2]]
    strangers = [each for each in whole if each not in tasks]
    assert all(None in each[2:9] for each in strangers)  # its first data may have been given up
    assert [each.states for each in connection_keys(Facts(store))] != []
    values = [[(one.key, one.result) for one in each.states] for each in connection_keys(Facts(full))]
    assert [[(one.key, one.result) for one in each.states] for each in connection_keys(Facts(store))] == values
    return gone


def long_talk() -> Talk:
    talk = Talk().open()
    for lba in range(120):
        talk.read(512, lba=lba)
        talk.write(1024, lba=lba)
    talk.close()
    return talk


def test_what_is_left_and_what_comes_is_as_it_was() -> None:
    frames = long_talk().frames
    assert compare(frames, len(frames) // 2) > 100
    assert compare(frames, len(frames) // 3, len(frames) // 2, len(frames) - 3) > 200


@pytest.mark.parametrize("name", NAMES)
def test_it_may_happen_at_any_moment(name: str) -> None:
    frames = talk_of(name).frames
    random = Random(name)
    for _ in range(3):
        compare(frames, *sorted(random.sample(range(1, len(frames)), 2)))


@pytest.mark.parametrize("name", ["k24_kernel_abort_lunreset_recovery", "k20_mcs_two_connections"])
def test_real_conversations_go_on(name: str) -> None:
    frames = read_pcap(sample(name))
    compare(frames, len(frames) // 2)


def test_where_most_is_worth_keeping_nothing_is_given_up() -> None:
    talk = Talk().open()
    for _ in range(20):
        talk.text({"SendTargets": ""}, {})
    feeding = Feeding()
    feeding.feed(talk.frames)
    before = list(feeding.store.rows())
    assert forget(feeding.store, len(feeding.store)) == 0
    assert list(feeding.store.rows()) == before


def test_the_index_needs_less_memory() -> None:
    """Rows, tasks, and the pieces of the streams."""
    talk = long_talk()
    feeding = Feeding()
    feeding.feed(talk.frames)
    rows = feeding.store.found.rows
    before = len(rows.blocks) * 4096 + len(rows.tail())
    gone = forget(feeding.store, len(feeding.store))
    assert gone and len(rows.blocks) * 4096 + len(rows.tail()) < before // 4


def test_a_request_that_stays_keeps_its_answer() -> None:
    """Else it would look as if nobody had answered: here a finding names the first data of a read."""
    talk = Talk().open()
    read = talk.command(read=4098)
    talk.data_in(read, 1022, final=False)
    talk.data_in(read, 3076, status=0)
    for lba in range(60):
        talk.read(lba=lba)
    talk.close()
    assert compare(talk.frames, len(talk.frames) - 3) > 50
