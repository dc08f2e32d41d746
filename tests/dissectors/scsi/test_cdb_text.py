"""The laws of the one line about a command."""

from __future__ import annotations

import pytest

from dissectors.scsi.cdb import commands, parse_cdb
from dissectors.scsi.cdb_text import say
from dissectors.scsi.commands import Command


def test_flags_stand_last() -> None:
    """What a command does comes before how."""
    assert parse_cdb(bytes.fromhex("28180000080000000800")).text == "READ(10) LBA 2048, 8 blocks, DPO, FUA"


def test_a_single_block_is_a_block() -> None:
    """Grammar counts."""
    assert parse_cdb(bytes.fromhex("28000000080000000100")).text == "READ(10) LBA 2048, 1 block"
    assert parse_cdb(bytes.fromhex("28000000080000000000")).text == "READ(10) LBA 2048, 0 blocks"


def test_no_blocks_may_mean_all_of_them() -> None:
    """SYNCHRONIZE CACHE and WRITE SAME without a count go to the end of the medium."""
    assert parse_cdb(bytes.fromhex("35000000080000000000")).text == "SYNCHRONIZE CACHE(10) LBA 2048, to the end"


@pytest.mark.parametrize("command", commands(), ids=lambda command: command.name)
def test_fields_that_are_missing_are_not_said(command: Command) -> None:
    """Without values there is only the name."""
    assert say(command, {}, None) == command.name
