"""The codes are those that scripts rely on."""

from __future__ import annotations

from iscsi_analyzer.cli import exits


def test_the_codes_never_change() -> None:
    assert (exits.FINE, exits.USAGE, exits.DAMAGED, exits.INTERRUPTED) == (0, 1, 2, 130)


def test_a_stop_carries_message_and_code() -> None:
    stop = exits.Stop("why")
    assert (stop.message, stop.code) == ("why", 1)
    assert exits.Stop("why", 2).code == 2
