"""Two sessions as text: side by side in 80 columns, with a mark at what differs."""

from __future__ import annotations

import re

from iscsi_analyzer.compare.sessions import One, compare_sessions
from iscsi_analyzer.compare.sessions_record import SessionComparisonRecord
from iscsi_analyzer.compare.sessions_text import sessions_text
from tests.support.command import analysed
from tests.support.samples import sample


def record() -> SessionComparisonRecord:
    return compare_sessions(
        One(analysed(sample("k04_chap_ok")), 2), One(analysed(sample("k06_chap_wrong_password")), 1)
    )


def test_it_fits_a_terminal_and_marks_what_differs() -> None:
    lines = list(sessions_text(record()))
    assert [line for line in lines if len(line) > 80 and "<-" not in line] == []
    assert " * login      complete                        | refused: Authentication failure" in lines
    assert "   target     iqn.2003-01.org.linux-iscsi.labvm:chap" in lines
    assert sum("<- here the logins part" in line for line in lines) == 1


def test_everything_shows_the_keys_that_are_the_same_too() -> None:
    short, full = "\n".join(sessions_text(record())), "\n".join(sessions_text(record(), everything=True))
    assert "are the same; --all shows them" in short
    assert "\n   InitiatorName\n" in full
    assert "\n   InitiatorName\n" not in short


def test_secrets_stay_secret() -> None:
    text = "\n".join(sessions_text(record(), everything=True))
    assert "redacted" in text
    assert not re.search(r"CHAP_R.*0x[0-9a-f]{8}", text)
