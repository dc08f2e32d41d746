"""What belongs to a PDU is found in any order of asking."""

from __future__ import annotations

from iscsi_analyzer.export.related import Related
from iscsi_analyzer.run import Analysis
from tests.support.command import analysed
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_words import FINAL

INQUIRY = bytes.fromhex("120000006000") + bytes(10)


def numbers(analysis: Analysis, opcode: int) -> list[int]:
    return [number for number, row in enumerate(analysis.store.rows(), 1) if row.opcode == opcode]


def long_login() -> Analysis:
    """A login whose text goes on over three PDUs, cut within a pair."""
    talk = Talk()
    talk.handshake()
    text = b"InitiatorName=iqn.2026-01.example:i\0InitiatorAlias=" + b"a" * 40 + b"\0SessionType=Discovery\0"
    for part, more in ((text[:45], True), (text[45:70], True), (text[70:], False)):
        talk.login_request(part, more=more, transit=not more)
        talk.login_response(transit=not more)
    return analysed(talk)


def test_text_goes_on_where_the_pdu_before_left_it() -> None:
    analysis = long_login()
    first, second, third = numbers(analysis, 0x03)
    related = Related(analysis.store)
    assert related.text_before(first) == b""
    assert related.text_before(second) == b"Initiator"
    assert related.text_before(third).startswith(b"InitiatorAlias=aaa")


def test_the_order_of_asking_makes_no_difference() -> None:
    analysis = long_login()
    asked = numbers(analysis, 0x03)
    forwards, backwards = Related(analysis.store), Related(analysis.store)
    there = [forwards.text_before(number) for number in asked]
    back = [backwards.text_before(number) for number in reversed(asked)]
    assert there == back[::-1]
    assert [forwards.text_before(number) for number in asked] == there


def test_data_in_several_pdus_is_joined_as_far_as_it_goes() -> None:
    talk = Talk().open()
    task = talk.command(INQUIRY, read=96)
    for offset in (0, 40):
        talk.send(
            T2I, 0x25, FINAL if offset else 0, initiator_task_tag=task.tag, target_transfer_tag=0xFFFFFFFF,
            data_sn=offset // 40, buffer_offset=offset, data=bytes([offset + 1]) * 40,
        )  # fmt: skip
    talk.response(task)
    analysis = analysed(talk)
    first, second = numbers(analysis, 0x25)
    related = Related(analysis.store)
    row = analysis.store.row
    assert related.data_before(first, row(first)) == b"\1" * 40
    assert related.data_before(second, row(second)) == b"\1" * 40 + b"\x29" * 40
    assert related.cdb(row(first).request) == INQUIRY
    assert related.cdb(0) == b""


def test_data_behind_a_hole_is_not_joined() -> None:
    talk = Talk().open()
    task = talk.command(INQUIRY, read=96)
    talk.send(
        T2I, 0x25, FINAL, initiator_task_tag=task.tag, target_transfer_tag=0xFFFFFFFF, buffer_offset=40, data=b"x" * 40
    )
    analysis = analysed(talk)
    (number,) = numbers(analysis, 0x25)
    assert Related(analysis.store).data_before(number, analysis.store.row(number)) == b""


def test_a_device_type_holds_from_the_inquiry_on() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    task = talk.command(INQUIRY, read=96)
    talk.send(
        T2I, 0x25, FINAL | 1, initiator_task_tag=task.tag, target_transfer_tag=0xFFFFFFFF, data=b"\x01" + bytes(35)
    )
    talk.test_unit_ready()
    analysis = analysed(talk)
    before, inquiry, after = numbers(analysis, 0x01)
    related = Related(analysis.store)
    row = analysis.store.row
    assert related.device_type(before, row(before)) is None
    assert related.device_type(after, row(after)) == 1
    assert not related.only_disks
    assert inquiry < after


def test_a_command_is_no_answer_to_itself() -> None:
    talk = Talk().open()
    talk.send(I2T, 0x05, FINAL, initiator_task_tag=99, target_transfer_tag=0xFFFFFFFF, data=b"x" * 8)
    analysis = analysed(talk)
    (number,) = numbers(analysis, 0x05)
    related = Related(analysis.store)
    assert related.cdb(analysis.store.row(number).request) == b""
