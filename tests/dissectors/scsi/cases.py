"""How the golden CDBs of the command sets are written down and checked."""

from __future__ import annotations

from typing import NamedTuple

from dissectors.scsi.cdb import parse_cdb
from tests.dissectors.scsi.trees import check_inside


class Case(NamedTuple):
    """One CDB and what it must read as."""

    cdb: str
    text: str
    operation: str
    lba: int | None = None
    blocks: int | None = None
    allocation: int | None = None
    device_type: int | None = None


def check_reading(case: Case) -> None:
    """Name, main fields, direction, first block, blocks and allocation length come out of the bytes."""
    cdb = parse_cdb(bytes.fromhex(case.cdb), case.device_type)
    assert (cdb.text, cdb.operation) == (case.text, case.operation)
    assert (cdb.lba, cdb.blocks, cdb.allocation_length) == (case.lba, case.blocks, case.allocation)
    assert cdb.problem == ""
    assert repr(cdb) == f"Cdb({case.text})"
    check_inside(cdb.tree(), 0, len(cdb.raw))


def check_truncations(case: Case) -> None:
    """A cut CDB keeps the name that its bytes tell, keeps its nodes inside what is left, and says that it is cut."""
    whole = bytes.fromhex(case.cdb)
    full = parse_cdb(whole, case.device_type)
    for length in range(len(whole)):
        cdb = parse_cdb(whole[:length], case.device_type)
        check_inside(cdb.tree(), 0, length)
        assert cdb.text
        assert cdb.values.items() <= full.values.items()
        if full.command.length:
            assert bool(cdb.problem) == (length < full.length)
