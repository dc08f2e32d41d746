"""The SCSI Command by itself: which bits and lengths contradict each other, and which only look odd."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken, with_keys
from tests.support.talk import Talk

READ_10 = bytes((0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0))
WRITE_10 = bytes((0x2A, 0, 0, 0, 0, 0, 0, 0, 8, 0))
TEST_UNIT_READY = bytes(6)


def command(cdb: bytes = READ_10, **fields: object) -> Talk:
    """A command after a login that allows unsolicited data; how it ends is of no interest."""
    talk = with_keys(InitialR2T="No")
    talk.command(cdb, **fields)
    return talk


@pytest.mark.parametrize("flags", [0x01, 0x41])
def test_f_or_w_has_to_be_set(flags: int) -> None:
    assert blamed(command(read=4096 if flags & 0x40 else 0, flags=flags), "cmd-w-f-clear").party == "initiator"


@near_miss("cmd-w-f-clear")
@pytest.mark.parametrize("flags", [0x81, 0xC1])
def test_a_command_that_does_not_write_has_f_set(flags: int) -> None:
    assert broken(command(read=4096 if flags & 0x40 else 0, flags=flags)) == []


@near_miss("cmd-w-f-clear")
def test_a_write_may_announce_more_data() -> None:
    assert broken(command(WRITE_10, write=4096, final=False)) == []


def test_a_command_with_a_length_has_a_direction() -> None:
    finding = blamed(command(TEST_UNIT_READY, expected_data_transfer_length=1), "cmd-direction-missing")
    assert finding.facts == {"expected": 1}


@near_miss("cmd-direction-missing")
@pytest.mark.parametrize("flags", [0x81, 0xC1, 0xA1])
def test_a_direction_without_a_length_is_allowed(flags: int) -> None:
    assert broken(command(TEST_UNIT_READY, flags=flags)) == []


@pytest.mark.parametrize("attribute", [5, 6, 7])
def test_attributes_5_to_7_are_reserved(attribute: int) -> None:
    finding = blamed(command(TEST_UNIT_READY, attribute=attribute), "cmd-attr-reserved")
    assert finding.facts == {"attribute": attribute}


@near_miss("cmd-attr-reserved")
@pytest.mark.parametrize("attribute", range(5))
def test_attributes_0_to_4_are_not(attribute: int) -> None:
    assert broken(command(TEST_UNIT_READY, attribute=attribute)) == []


def test_a_bidirectional_command_tells_both_lengths() -> None:
    assert broken(command(bytes((0x53,)) + bytes(9), write=512, flags=0xE1)) == ["cmd-bidi-ahs-missing"]


@near_miss("cmd-bidi-ahs-missing", "cdb-direction-mismatch")
def test_a_bidirectional_command_with_an_additional_header_is_right() -> None:
    length = bytes((0, 5, 2, 0, 0, 0, 2, 0))
    assert broken(command(bytes((0x53,)) + bytes(9), write=512, flags=0xE1, ahs=length)) == []


@pytest.mark.parametrize("length", [0, 512])
def test_a_write_that_is_complete_announces_nothing(length: int) -> None:
    finding = blamed(command(WRITE_10, write=length, data=bytes(length), flags=0x21), "cmd-f-clear-complete")
    assert finding.facts == {"expected": length}


@near_miss("cmd-f-clear-complete")
def test_a_write_that_lacks_one_byte_may_announce_it() -> None:
    assert broken(command(WRITE_10, write=512, data=bytes(511), final=False)) == []


def test_only_a_write_carries_data() -> None:
    assert blamed(command(read=4096, data=bytes(4)), "cmd-data-without-w").facts == {"length": 4}


@near_miss("cmd-data-without-w", "cmd-immediate-exceeds-edtl")
def test_a_write_carries_at_most_all_of_its_data() -> None:
    assert broken(command(WRITE_10, write=512, data=bytes(512))) == []


def test_a_write_carries_no_more_than_all_of_its_data() -> None:
    finding = blamed(command(WRITE_10, write=512, data=bytes(513)), "cmd-immediate-exceeds-edtl")
    assert finding.facts == {"length": 513, "expected": 512}


@pytest.mark.parametrize("level", ["", "1"])
def test_a_priority_needs_level_2(level: str) -> None:
    talk = with_keys(iSCSIProtocolLevel=level)
    talk.test_unit_ready(priority=0xF0)
    assert blamed(talk, "cmd-pri-without-level2").facts == {"priority": 15, "level": 1}


@near_miss("cmd-pri-without-level2")
def test_level_2_has_priorities() -> None:
    talk = with_keys(iSCSIProtocolLevel="2")
    talk.test_unit_ready(priority=0xF0)
    assert broken(talk) == []


@near_miss("cmd-pri-without-level2")
def test_nobody_is_held_to_a_login_that_was_not_seen() -> None:
    talk = Talk().open()
    login = len(talk.frames)
    for _ in range(3):
        talk.test_unit_ready(priority=0x10)
    assert broken(talk.frames[login:]) == []


def test_a_discovery_session_has_no_commands() -> None:
    talk = Talk().open(discovery=True)
    talk.test_unit_ready()
    assert blamed(talk, "cmd-in-discovery").count == 1


@near_miss("cmd-in-discovery")
def test_a_normal_session_has() -> None:
    talk = Talk().open()
    talk.test_unit_ready()
    assert broken(talk) == []


@pytest.mark.parametrize(("cdb", "fields"), [(READ_10, {"write": 4096}), (WRITE_10, {"read": 4096})])
def test_the_cdb_and_the_bits_agree_on_the_direction(cdb: bytes, fields: dict[str, int]) -> None:
    assert blamed(command(cdb, **fields), "cdb-direction-mismatch").facts == {"operation": cdb[0]}


@near_miss("cdb-direction-mismatch")
@pytest.mark.parametrize("operation", [0x42, 0x53, 0x7F, 0x85, 0xA1, 0xC1, 0xFF])
@pytest.mark.parametrize("way", ["read", "write"])
def test_operation_codes_with_more_than_one_direction_are_left_alone(operation: int, way: str) -> None:
    assert broken(command(bytes((operation,)) + bytes(15), **{way: 512})) == []


@near_miss("cdb-direction-mismatch")
def test_a_read_of_no_blocks_needs_no_direction() -> None:
    assert broken(command(READ_10)) == []
