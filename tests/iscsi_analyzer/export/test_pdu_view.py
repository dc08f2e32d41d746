"""A view of a PDU makes each of its parts when asked, and the same every time."""

from __future__ import annotations

from iscsi_analyzer.export.pdu_view import Views
from tests.support.command import analysed
from tests.support.talk import Talk


def conversation() -> Talk:
    talk = Talk().open()
    talk.read(4096, lun=2)
    return talk


def test_views_come_in_order_and_each_once() -> None:
    views = Views(analysed(conversation()).store)
    first = views.more()
    assert [view.number for view in first] == list(range(1, len(first) + 1))
    assert views.more() == []


def test_ends_are_those_of_the_pdus_direction() -> None:
    views = Views(analysed(conversation()).store).more()
    request, response = views[0], views[1]
    assert request.destination[1] == 3260
    assert (response.source, response.destination) == (request.destination, request.source)
    assert not request.source[2]


def test_the_request_is_found() -> None:
    views = Views(analysed(conversation()).store).more()
    command = next(view for view in views if view.row.opcode == 0x01)
    data = next(view for view in views if view.row.opcode == 0x25)
    assert data.request == command.row
    assert command.request is None


def test_nodes_are_found_by_name_wherever_they_stand_in_the_tree() -> None:
    views = Views(analysed(conversation()).store).more()
    command = next(view for view in views if view.row.opcode == 0x01)
    assert [node.value for node in command.nodes("iscsi.cmdsn")] == [command.pdu.get("cmd_sn")]
    assert command.nodes("scsi_sbc.rdwr10.lba")[0].value == 0
    assert command.nodes("no.such.field") == []
    assert command.record.number == command.number
    assert command.pdu is command.pdu
