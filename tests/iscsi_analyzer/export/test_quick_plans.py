"""Programs say what the declarations say."""

from __future__ import annotations

import json

import pytest

from dissectors.scsi.commands import SERVICE_ACTION_CODES, VARIABLE
from iscsi_analyzer.export import quick_lines as quick
from iscsi_analyzer.export.quick_plans import commands, conditions, digests, fragment, lun_fragment, programs
from iscsi_analyzer.store import rows


def test_a_fragment_is_the_inside_of_an_object() -> None:
    assert fragment({"a": 1, "b": "x", "c": True}) == b',"a":1,"b":"x","c":true'
    assert fragment({}) == b""


def test_a_lun_reads_as_people_number_it() -> None:
    assert lun_fragment(0x0001 << 48) == b',"lun":1,"lun_raw":"0001000000000000"'
    assert lun_fragment(-1).endswith(b',"lun_raw":"ffffffffffffffff"')


@pytest.mark.parametrize("bits", range(16))
def test_digests_are_told_by_their_bits(bits: int) -> None:
    said = json.loads("{" + digests()[bits].decode()[1:] + "}")
    words = ("absent", "ok", "bad", "unknown")
    assert said == {"header_digest": words[bits & 3], "data_digest": words[bits >> 2]}


def test_circumstances_are_told_only_when_they_are_there() -> None:
    assert conditions()[0] == b""
    flags = rows.FLAG_CUT | rows.FLAG_INFERRED | rows.FLAG_HEADER_DIGEST
    assert conditions()[flags >> 5] == b',"cut":true,"digests_inferred":true'


def test_codes_with_service_actions_are_written_in_full() -> None:
    found = commands()
    assert all(found[code] is None for code in (*SERVICE_ACTION_CODES, VARIABLE))
    read_10 = found[0x28]
    assert read_10 is not None
    assert read_10.operation == b'","operation":"READ(10)"'
    assert (read_10.lba is not None, read_10.blocks is not None) == (True, True)


def test_a_guard_passes_over_exactly_the_next_step() -> None:
    for program in programs():
        for step in program.steps if program is not None else ():
            assert step.count == (1 if step.kind in (quick.SKIP_UNLESS, quick.SKIP_IF) else 0)


def test_fixed_bits_are_within_their_mask() -> None:
    for program in programs():
        if program is not None:
            mask, fixed = int.from_bytes(program.fixed_mask, "big"), int.from_bytes(program.fixed, "big")
            assert fixed & ~mask == 0
            assert mask != 0
