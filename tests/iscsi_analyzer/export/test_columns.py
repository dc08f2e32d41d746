"""Fields can be asked for by Wireshark's names and by those of the JSON, and print as tshark prints them."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.columns import (
    QUICK,
    WHERE,
    UnknownField,
    column,
    described_fields,
    named_fields,
    printed,
    record_fields,
)
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.query import every_field
from tests.support.command import analysed
from tests.support.talk import I2T, T2I, Talk
from tests.support.talk_words import FINAL


def views(talk: Talk, **options: bool) -> list[PduView]:
    return Views(analysed(talk).store, **options).more()


def of(found: list[PduView], opcode: int) -> PduView:
    return next(view for view in found if view.row.opcode == opcode)


def conversation() -> list[PduView]:
    talk = Talk().open()
    talk.read(4096, lba=2048, lun=2)
    return views(talk)


@pytest.mark.parametrize(
    ("name", "opcode", "values"),
    [
        ("iscsi.opcode", 0x01, ["0x01"]),
        ("iscsi.I", 0x01, ["0"]),
        ("iscsi.flags", 0x01, ["0xc1"]),
        ("iscsi.scsicommand.R", 0x01, ["1"]),
        ("iscsi.scsicommand.attr", 0x01, ["0x01"]),
        ("iscsi.datasegmentlength", 0x25, ["4096"]),
        ("iscsi.initiatortasktag", 0x01, ["0x00000001"]),
        ("scsi.lun", 0x25, ["0x0002"]),
        ("scsi_sbc.opcode", 0x25, ["0x28"]),
        ("scsi_sbc.rdwr10.lba", 0x01, ["2048"]),
        ("iscsi.scsiresponse.status", 0x25, ["0x00"]),
        ("scsi.status", 0x25, ["0x00"]),
        ("iscsi.login.csg", 0x03, ["0x00"]),
        ("iscsi.cid", 0x03, ["0x0000"]),
        ("ipv6.src", 0x01, []),
        ("tcp.dstport", 0x01, ["3260"]),
        ("tcp.stream", 0x01, ["0"]),
        ("iscsi.request_frame", 0x01, []),
        ("iscsi.r2tsn", 0x01, []),
        ("number", 0x03, ["1"]),
        ("operation", 0x01, ["READ(10)"]),
        ("read", 0x01, ["1"]),
        ("session", 0x01, ["1"]),
        ("cut", 0x01, ["0"]),
        ("sense", 0x01, []),
    ],
)
def test_a_field_prints_as_in_tshark(name: str, opcode: int, values: list[str]) -> None:
    assert column(name).get(of(conversation(), opcode)) == values


@pytest.mark.parametrize("name", QUICK)
def test_the_quick_way_to_a_field_finds_what_the_record_says(name: str) -> None:
    for view in conversation():
        value = getattr(view.record, name)
        assert QUICK[name](view) == ([] if value is None else [str(value)])


def test_times_are_told_from_the_completing_frame() -> None:
    found = conversation()
    data, command = of(found, 0x25), of(found, 0x01)
    assert column("frame.number").get(data) == [str(data.row.frame_last)]
    epoch = float(column("frame.time_epoch").get(data)[0])
    assert epoch == pytest.approx(1_700_000_000, abs=10)
    relative = float(column("frame.time_relative").get(data)[0])
    answer = float(column("iscsi.time").get(data)[0])
    assert relative - float(column("frame.time_relative").get(command)[0]) == pytest.approx(answer)


def test_several_values_are_several_occurrences() -> None:
    talk = Talk()
    talk.handshake()
    talk.login_request([("InitiatorName", "i"), ("SessionType", "Discovery")])
    (view,) = views(talk)
    assert column("iscsi.keyvalue").get(view) == ["InitiatorName=i", "SessionType=Discovery"]
    assert column("keys").get(view) == ["InitiatorName=i", "SessionType=Discovery"]
    assert column("iscsi.login.session_type").get(view) == ["Discovery"]
    assert column("frames").get(view) == ["4"]


def test_a_field_that_means_nothing_is_not_printed() -> None:
    talk = Talk().open()
    talk.data_in(talk.command(read=1024), 512)
    view = of(views(talk), 0x25)
    assert column("iscsi.statsn").get(view) == []
    assert column("iscsi.scsiresponse.status").get(view) == []


def test_bytes_of_the_capture_are_read_for_those_who_ask() -> None:
    talk = Talk(data_digest=True).open()
    talk.send(T2I, 0x20, FINAL, initiator_task_tag=0xFFFFFFFF, target_transfer_tag=7, data=b"ping!")
    wanted = column("iscsi.pingdata")
    assert wanted.from_capture
    view = of(views(talk, bytes_too=True), 0x20)
    assert wanted.get(view) == [b"ping!".hex()]
    assert column("iscsi.padding").get(view) == ["000000"]
    assert len(column("iscsi.datadigest32").get(view)[0]) == 10


def test_what_was_not_captured_is_not_printed() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    frames = [frame._replace(data=frame.data[:96]) for frame in talk.frames]
    view = of(Views(analysed(frames).store).more(), 0x01)
    assert column("iscsi.cmdsn").get(view) != []
    assert column("iscsi.expstatsn").get(view) == []
    assert column("scsi.lun").get(view) == ["0x0000"]
    assert column("scsi_sbc.opcode").get(view) == []


def test_the_lun_of_an_r2t_is_its_own_even_if_nobody_asked_for_it() -> None:
    talk = Talk().open()
    task = talk.command(write=8192, lun=2)
    talk.r2t(task, 8192)
    found = analysed([frame for frame in talk.frames if frame is not talk.frames[-2]])
    r2t = of(Views(found.store).more(), 0x31)
    assert r2t.request is None
    assert column("scsi.lun").get(r2t) == ["0x0002"]


def test_a_pdu_with_an_unknown_opcode_has_the_fields_that_all_have() -> None:
    talk = Talk().open()
    talk.send(I2T, 0x1E, 0x80)
    found = of(views(talk), 0x1E)
    assert column("iscsi.opcode").get(found) == ["0x1e"]
    assert column("iscsi.datasegmentlength").get(found) == ["0"]
    assert column("iscsi.cmdsn").get(found) == []


def test_an_unknown_name_brings_names_like_it() -> None:
    with pytest.raises(UnknownField) as caught:
        column("iscsi.opcod")
    assert "iscsi.opcode" in caught.value.near


def test_every_field_that_is_listed_can_be_asked_for() -> None:
    rows = described_fields()
    assert (
        len(rows)
        == len({name for name, _, _ in rows})
        == len({*WHERE, *named_fields(), *every_field(), *record_fields()})
    )
    assert all(label for _, _, label in rows)
    found = conversation()
    for name, _, _ in rows:
        wanted = column(name)
        assert all(isinstance(text, str) for view in found for text in wanted.get(view)), name


def test_numbers_print_in_the_base_that_wireshark_has() -> None:
    assert printed("iscsi.cid", 7, "dec", 2) == "0x0007"
    assert printed("iscsi.isid", 0x00023D000001, "hex", 6) == "00023d000001"
    assert printed("x", 7, "hex", 4) == "0x00000007"
    assert printed("x", 7, "dec", 4) == "7"
    assert printed("x", b"\x01\xff", "dec", 0) == "01ff"
    assert printed("x", "text", "dec", 0) == "text"
