"""The header says how far the reading is; parts that do not fit are cut with an ellipsis."""

from __future__ import annotations

import pytest

from iscsi_analyzer.run import Analysis
from tests.tui.screen_text import sample, screen_of
from tui.document import Document, State
from tui.widgets.status import assembled, reading_text


def test_the_header_tells_the_state_of_the_reading() -> None:
    document = Document(Analysis([sample("k01")]))
    assert reading_text(document) == "not begun, 0 PDUs"
    document.start()
    document.wait(30)
    assert reading_text(document) == f"{len(document.store)} PDUs"
    document.close()


def test_what_grows_is_not_so_and_so_much_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no end of it yet: how much was read is told, not how much of what."""
    for follow, words in ((True, " MB, "), (False, " %, ")):
        with Analysis([sample("k01")], follow=follow) as analysis:
            document = Document(analysis, follow=follow)
            monkeypatch.setattr(Document, "state", State.LOADING)
            assert words in reading_text(document)
            assert ("to go" in reading_text(document)) is not follow


def test_parts_are_cut_at_the_edge() -> None:
    assert assembled([("abc", ""), ("defgh", "")], 6).plain == "abcde…"
    assert assembled([("abc", ""), ("def", "")], 6).plain == "abcdef"


def test_the_first_line_names_file_and_lack_and_the_last_one_keys() -> None:
    lines = screen_of(sample("f41"), size=(160, 24)).splitlines()
    assert "f41_drop_2pct.pcap.zst" in lines[0]
    assert "gap" in lines[0]
    assert "? help" in lines[-1]
    assert "q quit" in lines[-1]
