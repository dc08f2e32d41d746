"""PDUs of both sides are matched, by frame or by their numbers, and every difference of a field is told."""

from __future__ import annotations

from collections.abc import Iterator

from iscsi_analyzer.crosscheck import compare
from iscsi_analyzer.crosscheck.compare import Comparison, Waiting
from iscsi_analyzer.crosscheck.difference import FRAME, OURS, PDU, VALUES, WIRESHARK
from iscsi_analyzer.crosscheck.wireshark import Failed, Frame
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store.store import Store
from tests.iscsi_analyzer.crosscheck.sides import all_columns, echo
from tests.support.command import analysed
from tests.support.samples import sample
from tests.support.talk import Talk


def conversation() -> Store:
    talk = Talk().open()
    for _ in range(5):
        talk.read(4096)
    talk.close()
    return analysed(talk).store


def differences(store: Store, theirs: list[Frame]) -> tuple[Comparison, list[tuple[str, str, int]]]:
    comparison = Comparison(store, all_columns())
    return comparison, [(each.field, each.side, each.pdu) for each in comparison.differences(theirs)]


def test_who_says_the_same_does_not_differ() -> None:
    for name in ("k24_kernel_abort_lunreset_recovery", "f42_swapped_order"):
        with Analysis([sample(name)], random_access=True) as analysis:
            store = analysis.run().store
            comparison, found = differences(store, list(echo(store)))
        assert found == []
        assert comparison.pdus == comparison.theirs == comparison.matched == len(store)
        assert comparison.fields == comparison.equal > 10 * len(store)


def test_a_field_that_differs_is_told_with_its_side() -> None:
    store = conversation()
    theirs = list(echo(store))
    del theirs[0].pdus[0]["iscsi.cmdsn"]
    theirs[1].pdus[0]["iscsi.statsn"] = ["7"]
    theirs[1].pdus[0]["iscsi.snack.type"] = ["1"]
    comparison, found = differences(store, theirs)
    assert sorted(found) == [
        ("iscsi.cmdsn", OURS, 1), ("iscsi.snack.type", WIRESHARK, 2), ("iscsi.statsn", VALUES, 2)
    ]  # fmt: skip
    assert comparison.fields - comparison.equal == 3


def test_pdus_that_one_side_lacks_are_told() -> None:
    store = conversation()
    theirs = list(echo(store))
    lost = theirs.pop(3)
    theirs.append(Frame(int(store.engine.frames), [{"iscsi.opcode": ["0x3f"]}]))
    _, found = differences(store, theirs)
    number = next(number for number, row in enumerate(store.rows(), 1) if row.frame_last == lost.number)
    assert (PDU, OURS, number) in found
    assert (PDU, WIRESHARK, 0) in found
    assert len(found) == 2


def test_a_pdu_in_another_frame_is_the_same_pdu() -> None:
    store = conversation()
    theirs = list(echo(store))
    late = Frame(theirs[4].number, theirs[3].pdus + theirs[4].pdus)
    comparison, found = differences(store, [*theirs[:3], late, *theirs[5:]])
    assert [(field, side) for field, side, _ in found] == [(FRAME, VALUES)]
    assert comparison.matched == len(store)


def test_frames_behind_the_last_that_was_read_are_not_of_interest() -> None:
    store = conversation()
    beyond = Frame(int(store.engine.frames) + 1, [{"iscsi.opcode": ["0x01"]}])
    assert differences(store, [*echo(store), beyond])[1] == []


def test_what_lies_behind_a_failure_is_not_compared() -> None:
    store = conversation()

    def broken() -> Iterator[Frame]:
        yield from list(echo(store))[:3]
        raise Failed("cut short")

    comparison = Comparison(store, all_columns())
    assert list(comparison.differences(broken())) == []
    assert comparison.complaint == "cut short"
    assert comparison.pdus == comparison.matched == 3


def test_those_that_wait_are_bounded_and_go_in_order() -> None:
    waiting: Waiting[int] = Waiting()
    pushed = [item for number in range(compare.WAITING + 3) for item in waiting.put((str(number % 10),), number)]
    assert len(pushed) == 3
    first = waiting.take(("5",))
    assert first == 5
    assert waiting.take(("unknown",)) is None
    assert len(waiting.rest()) == compare.WAITING - 1
    assert waiting.rest() == []
