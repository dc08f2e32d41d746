"""Operations, directions, sizes and units of tasks."""

from __future__ import annotations

from iscsi_analyzer.analysis.operations import SIZE_WORDS, WAYS, lun_text
from iscsi_analyzer.store.task_commands import task_commands
from tests.iscsi_analyzer.analysis.studies import sample, study
from tests.iscsi_analyzer.stores import every_kind
from tests.support.talk import Talk


def test_names_are_those_of_the_filter_language() -> None:
    for found in (sample("k34"), sample("m41"), sample("k28"), study(every_kind())):
        commands = task_commands(found.facts.store)
        codes = commands.operation()
        for index in range(found.facts.task_count):
            if found.facts.scsi[index] and found.facts.task("request")[index]:
                assert found.operations.name(index) == commands.names[codes[index]]


def test_a_command_that_the_capture_lacks_has_no_name() -> None:
    found = sample("f44")
    assert {found.operations.name(index) for index in range(found.facts.task_count) if found.facts.scsi[index]} == {
        "unknown command"
    }


def test_directions_and_sizes_follow_the_command() -> None:
    talk = Talk().open()
    for settings in ({}, {"read": 4096}, {"write": 512}, {"read": 65536 + 512}, {"read": 512, "write": 512}):
        talk.command(**settings)  # type: ignore[arg-type]
    found = study(talk)
    scsi = [index for index in range(found.facts.task_count) if found.facts.scsi[index]]
    scsi.sort(key=lambda index: int(found.facts.task("request")[index]))
    assert [WAYS[found.operations.ways[index]] for index in scsi] == ["no data", "read", "write", "read", "both"]
    assert [SIZE_WORDS[found.operations.sizes[index]] for index in scsi] == [
        "no data",
        "up to 4 KiB",
        "up to 4 KiB",
        "up to 256 KiB",
        "up to 4 KiB",
    ]


def test_units_of_every_addressing_method() -> None:
    talk = Talk().open()
    deep = bytes.fromhex("0101000500000000")
    for lun in (0, 3, bytes.fromhex("4100000000000000"), deep):
        talk.response(talk.command(lun=lun))
    found = study(talk)
    index, luns = found.operations.units
    names = {lun_text(luns[index[task]]) for task in range(found.facts.task_count) if found.facts.scsi[task]}
    assert {"0", "3", "flat 256"} < names and len(names) == 4
