"""The sessions are listed with who and whom."""

from __future__ import annotations

from tests.tui.screen_text import sample, screen_of


def test_every_session_has_its_row() -> None:
    shown = screen_of(sample("k34"))
    assert shown.count("iqn.2003-01.org.linux-iscsi.labvm:disk1") == 3
