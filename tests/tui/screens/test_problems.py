"""What is wrong with the input can be read in full."""

from __future__ import annotations

from pathlib import Path

from tests.tui.screen_text import sample, screen_of


def test_a_file_that_is_cut_short_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(sample("k01").read_bytes()[:-7])
    shown = screen_of(path, "P")
    assert "Problems of the input" in shown
    assert "cut.pcap" in shown
    assert "error" in shown


def test_a_whole_file_has_none() -> None:
    assert "nothing is missing" in screen_of(sample("k01"), "P")
