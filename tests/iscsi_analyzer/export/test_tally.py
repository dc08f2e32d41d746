"""Counts agree with a walk over the rows, and may be made piece by piece."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from iscsi_analyzer.export.tally import Tally
from iscsi_analyzer.store import rows
from iscsi_analyzer.store.store import Store
from tests.support.command import analysed
from tests.support.samples import SAMPLES
from tests.support.talk_load import mixture


def tally(store: Store, pieces: int = 1) -> Tally:
    found = Tally()
    number = 1
    for block, first, count, _ in store.row_runs():
        step = -(-count // pieces)
        for start in range(0, count, step):
            found.add(block, first + start, min(step, count - start), number + start)
        number += count
    return found


def by_walk(store: Store) -> dict[str, object]:
    found = list(store.rows())
    closing = [row for row in found if row.opcode == 0x21 or (row.opcode == 0x25 and row.header[1] & 1)]
    return {
        "pdus": Counter((row.to_target, row.opcode) for row in found),
        "statuses": Counter(row.header[3] for row in closing if row.opcode == 0x25 or not row.header[2]),
        "header": Counter(row.header_digest for row in found),
        "cut": sum(bool(row.flags & rows.FLAG_CUT) for row in found),
        "odd": sum(bool(row.flags & rows.FLAG_ODD) for row in found),
    }


def by_tally(found: Tally) -> dict[str, object]:
    words = ("absent", "ok", "bad", "unknown")
    return {
        "pdus": Counter({(place > 63, place & 63): count for place, count in enumerate(found.pdus) if count}),
        "statuses": Counter({status: count for status, count in enumerate(found.statuses) if count}),
        "header": Counter({words[at]: count for at, count in enumerate(found.header_digests) if count}),
        "cut": found.cut,
        "odd": found.odd,
    }


@pytest.mark.parametrize(
    "name",
    [
        "b01_badpdu_tgtd.pcap.zst",
        "f02_snaplen96.pcap.zst",
        "k09_header_digest.pcap.zst",
        "u08_chap_wrong_password.pcap",
    ],
)
def test_counts_are_those_of_a_walk_over_the_rows(name: str) -> None:
    store = analysed(Path(SAMPLES / name)).store
    assert by_tally(tally(store)) == by_walk(store)


def test_pieces_add_up_to_the_whole() -> None:
    store = analysed(mixture(pdus=300)).store
    assert by_tally(tally(store, pieces=7)) == by_tally(tally(store)) == by_walk(store)


def test_logins_are_counted_by_status() -> None:
    found = tally(analysed(SAMPLES / "u08_chap_wrong_password.pcap").store)
    assert found.logins == {0: 2, 0x0201: 1}


def test_the_first_bad_digest_is_remembered() -> None:
    found = tally(analysed(SAMPLES / "k76_data_digest_error_dataout.pcap.zst").store, pieces=5)
    assert (found.data_digests[rows.DIGEST_BAD], found.first_bad_data, found.first_bad_header) == (1, 379, 0)


def test_what_an_unfinished_pdu_claims_is_not_counted() -> None:
    store = analysed(SAMPLES / "b01_badpdu_tgtd.pcap.zst").store
    unfinished = [row for row in store.rows() if row.flags & rows.FLAG_UNFINISHED]
    assert any(row.data_segment_length > 10_000_000 for row in unfinished)
    assert max(tally(store).data_bytes) < 1_000_000
