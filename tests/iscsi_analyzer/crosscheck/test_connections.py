"""What is known of the place of a PDU."""

from __future__ import annotations

from iscsi_analyzer.crosscheck.connections import Circumstances, Connections
from iscsi_analyzer.export.pdu_view import Views
from tests.support.command import analysed
from tests.support.talk import Talk
from tests.support.talk_capture import Frame


def around(source: Talk | list[Frame], number: int = -1) -> Circumstances:
    """The circumstances of one of the PDUs, when all were taken notice of."""
    store = analysed(source).store
    connections = Connections(store)
    views = Views(store).more()
    for view in views:
        connections.note(view)
    return connections.around(views[number], 2)


def test_a_healthy_conversation_has_nothing_to_tell() -> None:
    talk = Talk().open()
    talk.read(4096)
    assert around(talk) == Circumstances(shared=2)


def test_digests_are_told() -> None:
    talk = Talk(header_digest=True, data_digest=True).open()
    talk.read(4096)
    found = around(talk)
    assert (found.header_digest, found.data_digest, found.bad_digest) == (True, True, False)


def test_a_gap_counts_from_its_place_on() -> None:
    talk = Talk().open()
    talk.read(4096)
    before = len(talk.frames)
    talk.read(4096)
    talk.read(4096)
    frames = [frame for place, frame in enumerate(talk.frames) if place != before + 1]
    assert not around(frames, 0).gap
    assert around(frames).gap


def test_unusual_headers_are_told_and_what_lies_behind_them() -> None:
    talk = Talk().open()
    talk.tmf(1, referenced_task_tag=0xFFFFFFFF, response=1)
    store = analysed(talk).store
    connections = Connections(store)
    views = Views(store).more()
    [number] = [number for number in store.marks if store.row(number).to_target]
    odd = views[number - 1]
    assert connections.around(odd).unusual
    assert not connections.around(views[0]).unusual
    connections.not_shown(views[0])
    assert not connections.around(odd).behind_unusual
    connections.not_shown(odd)
    assert connections.around(odd).behind_unusual
