"""The list of PDUs shows everything: PDUs in order, and what was lost where it was lost; and what is asked for, exactly
that, also while the store grows."""

from __future__ import annotations

import numpy as np
import pytest

from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store.columns import Columns
from tests.support.mangle import lossy
from tests.support.talk_load import mixture
from tests.tui.screen_text import sample
from tests.tui.stores import store
from tui.pdus.items import PduItems, Wanted, loss_of, pdu_of


def test_every_pdu_and_every_loss_is_shown_once_and_losses_stand_where_they_were() -> None:
    found = store("f41")
    items = PduItems(found).look(Wanted()).tolist()
    assert [item for item in items if item >= 0] == list(range(len(found)))
    assert sorted(-item - 1 for item in items if item < 0) == list(range(len(found.losses)))
    for place, item in enumerate(items):
        index = loss_of(item)
        if index is None:
            continue
        frame = found.losses[index].frame
        assert all(found.row(item + 1).frame_last < frame for item in items[:place] if item >= 0)
        behind = next((item for item in items[place:] if item >= 0), None)
        assert behind is None or found.row(behind + 1).frame_last >= frame


def test_a_whole_capture_needs_no_items() -> None:
    items = PduItems(store("k34"))
    assert items.plain(Wanted())
    assert not items.plain(Wanted("iscsi"))
    assert not PduItems(store("f41")).plain(Wanted())


@pytest.mark.parametrize("text", ["iscsi.opcode == 1", "iscsi.task.latency > 0.001", "scsi.lun == 0 && !iscsi.flags"])
def test_a_filter_shows_what_passes_it(text: str) -> None:
    found = store("k34")
    passing = np.flatnonzero(compile_filter(text).pdus(found)).tolist()
    assert PduItems(found).look(Wanted(text)).tolist() == passing


def test_growth_leads_to_the_same_items_as_looking_once(tmp_path: object) -> None:
    with Analysis([sample("k46")]) as analysis:
        growing = {wanted: PduItems(analysis.store) for wanted in (Wanted(), Wanted("iscsi.opcode == 0x25"))}
        while analysis.step():
            for wanted, items in growing.items():
                items.look(wanted)
        analysis.finish()
        for wanted, items in growing.items():
            once = PduItems(analysis.store).look(wanted).tolist()
            assert sorted(items.look(wanted).tolist()) == sorted(once)


def test_sorting_is_stable_both_ways() -> None:
    found = store("k34")

    def by_opcode(columns: Columns) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        return columns.field(48, "u1") & 0x3F

    up = PduItems(found).look(Wanted("", by_opcode)).tolist()
    down = PduItems(found).look(Wanted("", by_opcode, descending=True)).tolist()
    assert up == sorted(range(len(found)), key=lambda item: (found.row(item + 1).opcode, item))
    assert down == sorted(range(len(found)), key=lambda item: (-found.row(item + 1).opcode, item))


def test_items_are_pdus_or_losses() -> None:
    assert (pdu_of(0), loss_of(0)) == (1, None)
    assert (pdu_of(-1), loss_of(-1)) == (None, 0)


def test_losses_of_any_kind_find_a_place() -> None:
    from tests.iscsi_analyzer.stores import store_of

    found = store_of(lossy(3)(mixture(3, pdus=300).frames))
    assert found.losses
    items = PduItems(found).look(Wanted())
    assert len(items) == len(found) + len(found.losses) == len(set(items.tolist()))
