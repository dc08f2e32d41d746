"""The short way through a usual header leaves what the long way leaves."""

from __future__ import annotations

from random import Random

import pytest

from iscsi_analyzer.streams import usual
from iscsi_analyzer.streams.context import OFF, ON
from tests.iscsi_analyzer.streams.feeding import Fed, cut_at, some_pdus
from tests.support.talk_pdu import I2T, T2I


@pytest.mark.parametrize("direction", [I2T, T2I])
@pytest.mark.parametrize("digest", [OFF, ON])
def test_rows_are_the_same_by_either_way(direction: str, digest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    said = some_pdus(Random(3), 60, header_digest=digest == ON, data_digest=digest == ON)
    data = b"".join(one.wire for one in said)
    random = Random(4)
    for pieces in (1, 7, 60, 200):
        cuts = sorted(random.randrange(1, len(data)) for _ in range(pieces))
        told = []
        for plain in (True, False):
            monkeypatch.setattr(usual, "INTERPRETED", plain)
            fed = Fed(direction, digest, digest)
            for piece in cut_at(data, cuts):
                fed.feed(piece)
            told.append((fed.rows, fed.listener.kept_data, fed.skipped, fed.framer.pdus))
        assert told[0] == told[1]
        assert told[0][0]
