"""An exported CSV table is what the command of its name prints with -T csv."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.csv_tables import pieces
from iscsi_analyzer.export.formats import TABLES, Part
from tests.support.command import analysed, command
from tests.support.samples import SAMPLES

CAPTURE = SAMPLES / "b01_badpdu_tgtd.pcap.zst"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_its_command_prints(name: str) -> None:
    found = b"".join(pieces(analysed(CAPTURE), Part(table=name))).decode()
    assert found == command(name, CAPTURE, "-T", "csv", "-q").out
    assert found.count("\r\n") > 1


def test_what_is_asked_for_by_number_is_refused() -> None:
    with pytest.raises(LookupError, match="do not choose from tables"):
        list(pieces(analysed([]), Part(tasks=(1,))))
