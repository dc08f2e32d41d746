"""A drawn ladder keeps to its width, says everything when it may wrap, and reads the same without colours."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.ladder import ladder_of_sessions, ladder_of_task
from iscsi_analyzer.export.ladder_text import Drawing, ladder_text
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.support.talk import Talk


def aborted_read() -> str:
    facts = sample("k24").facts
    number = facts.task("request").tolist().index(182) + 1
    return "\n".join(ladder_text(ladder_of_task(facts, number), 100))


def test_a_ladder_reads_like_one() -> None:
    assert aborted_read() == "\n".join(
        [
            "task 163, session 1: 2 PDUs",
            "connection 1, session 1: 127.0.0.1:56814 -> 127.0.0.1:3260",
            "",
            "PDU      time      since             connection 1",
            "                         127.0.0.1:56814       127.0.0.1:3260",
            "182  1.613497            │────────── SCSI Command ─────────▶│ READ(10) LUN 0 LBA 0, 8 blocks ITT",
            "                         │                                  │ 0x5b000000 CmdSN 90 EDTL 4096",
            "189 11.336072    +9.72 s │────────────── TMF ──────────────▶│ ABORT TASK LUN 0 of ITT 0x5b000000",
            "                         │                                  │ RefCmdSN 90 ITT 0x5f000000 CmdSN 91",
            "                         │                                  │ immediate",
            "                         │                                  │ ▲ tmf-response-missing",
            "    26.393739    +15.1 s │╌╌╌╌╌╌╌╌╌╌╌╌╌ closed ╌╌╌╌╌╌╌╌╌╌╌╌▶│ FIN, frame 714",
        ]
    )


@pytest.mark.parametrize("width", [60, 80, 120, 250])
@pytest.mark.parametrize(("name", "sessions"), [("k24", [1]), ("k34", [1, 2]), ("k20", [1]), ("b01", [*range(3, 20)])])
def test_no_line_is_wider_than_the_window(name: str, sessions: list[int], width: int) -> None:
    ladder = ladder_of_sessions(sample(name).facts, sessions)
    drawing = Drawing(ladder, width)
    for place in range(min(len(ladder), 80)):
        rung = ladder.rung(place)
        for line in [*drawing.lines(rung), *drawing.head()]:
            assert len(line) <= width


def test_wrapping_loses_no_word() -> None:
    ladder = ladder_of_sessions(sample("b01").facts, [4, 5])
    drawing = Drawing(ladder, 80)
    for place in range(len(ladder)):
        rung = ladder.rung(place)
        said = "".join(line.rpartition("│")[2] for line in drawing.lines(rung)).replace(" ", "")
        assert rung.rest.replace(" ", "") in said
        assert all(rule in said for _, rule in rung.findings)


def test_each_connection_has_its_own_lane_while_there_is_room() -> None:
    ladder = ladder_of_sessions(sample("k20").facts, [1])
    drawing = Drawing(ladder, 100)
    second = next(rung for rung in map(ladder.rung, range(len(ladder))) if rung.lane == 1)
    line = drawing.lines(second)[0]
    assert line.index("▶") > drawing.width * 0.4
    assert not drawing.together


def test_many_connections_share_a_lane_and_are_numbered() -> None:
    ladder = ladder_of_sessions(sample("b01").facts, list(range(1, 20)))
    drawing = Drawing(ladder, 80)
    assert drawing.together
    last = ladder.rung(len(ladder) - 1)
    assert f" {ladder.lanes[last.lane].connection} │" in drawing.lines(last)[0]


def test_terminals_without_such_signs_get_ascii() -> None:
    talk = Talk().open()
    talk.write(4096, lba=99, lun=2)
    facts = study(talk).facts
    text = "\n".join(ladder_text(ladder_of_sessions(facts, [1]), 80, ascii_only=True))
    assert text.isascii()
    assert "|====" in text and "SCSI Command" in text
