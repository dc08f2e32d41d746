"""Every captured byte of a PDU leads back to it, and bytes of no PDU to none."""

from __future__ import annotations

import pytest

from iscsi_analyzer.redaction.places import Places
from iscsi_analyzer.streams.spans import GAP
from tests.support.command import analysed
from tests.support.samples import sample

FRAME = 1 << 17
"No frame is longer."


@pytest.mark.parametrize("name", ["m21_both_digests", "f41_drop_2pct", "f10_mid_session_no_login", "f09_ipv6"])
def test_the_bytes_of_every_pdu_lead_back_to_it(name: str) -> None:
    store = analysed(sample(name)).store
    places = Places(store)
    for number in range(1, len(store) + 1):
        skip = 0
        for position, length in store.spans(store.row(number)):
            if position != GAP:
                found = [
                    (part.pdu, part.skip)
                    for piece in places.pieces(position - FRAME, FRAME + length)
                    if piece.position <= position < piece.position + piece.length
                    for offset in [piece.offset + position - piece.position]
                    for part in places.streams[piece.stream].parts(offset, offset + length, store)
                ]
                assert found == [(number, skip)]
            skip += length


def test_both_directions_of_every_connection_are_known() -> None:
    store = analysed(sample("m38_two_sessions")).store
    keys = {key for link in store.connections for key in (link.first.key, link.second.key)}
    assert Places(store).keys == keys
    assert len(keys) == 2 * len(store.connections)


def test_a_capture_without_iscsi_has_no_places() -> None:
    places = Places(analysed([]).store)
    assert list(places.pieces(0, 1 << 40)) == []
    assert places.keys == set()
