"""PDUs are put into groups without losing any, and those that have more to tell are left to the full record."""

from __future__ import annotations

import numpy as np

from iscsi_analyzer.export.pdu_groups import PduGroups, Portion
from iscsi_analyzer.store.store import Store
from tests.support.command import analysed
from tests.support.talk import Talk
from tests.support.talk_load import mixture


def portion(store: Store, rare: int = 1, *, only_disks: bool = True) -> Portion:
    return PduGroups(store, only_disks=only_disks, rare=rare).portion(np.arange(1, len(store) + 1))


def test_every_pdu_is_in_one_group_or_left_over() -> None:
    found = portion(analysed(mixture(pdus=600, data_digest=True)).store)
    places = [place for group in found.groups for place in group.places.tolist()]
    assert sorted(places + found.rest) == list(range(found.count))
    assert len(found.rest) < found.count // 4


def test_pdus_that_have_more_to_tell_are_left_over() -> None:
    """Text, data that are kept, findings, cut headers."""
    talk = Talk().open()
    talk.test_unit_ready()
    talk.tmf(1, referenced_task_tag=0xFFFFFFFF, response=1)
    store = analysed(talk).store
    left = {place + 1 for place in portion(store).rest}
    assert {number for number, row in enumerate(store.rows(), 1) if row.opcode in (0x03, 0x23)} <= left
    assert set(store.marks) <= left
    assert store.marks


def test_kinds_with_few_pdus_are_left_over() -> None:
    talk = Talk().open()
    talk.read(4096)
    store = analysed(talk).store
    assert portion(store, rare=3).groups == []
    assert portion(store, rare=1).groups != []


def test_commands_are_left_over_where_units_are_no_disks() -> None:
    talk = Talk().open()
    talk.read(4096)
    store = analysed(talk).store
    kinds = {group.kind.same["opcode_name"] for group in portion(store, only_disks=False).groups}
    assert kinds
    assert "SCSI Command" not in kinds


def test_no_pdus_are_no_groups() -> None:
    store = analysed([]).store
    assert portion(store).groups == []
