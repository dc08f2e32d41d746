"""A rule that raises is told of, by name, and blames nobody on the wire."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import reject
from tests.iscsi_analyzer.rules.judging import found, sentence
from tests.support.talk import Talk


def test_a_rule_that_raises_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for a connection, with the number of times; the analysis goes on."""

    def fails(*_: object) -> None:
        raise LookupError("nothing there")

    if reject.__file__ is not None and not reject.__file__.endswith(".py"):
        pytest.skip("functions of compiled modules cannot be replaced")
    monkeypatch.setattr(reject, "see", fails)
    talk = Talk().open()
    for _ in range(3):
        talk.reject(talk.nop_out())
    talk.async_message(6)
    crashed, event = [each for each in found(talk) if each.rule in ("rule-crashed", "async-event-unassigned")]
    assert (crashed.rule, crashed.party, crashed.count, event.rule) == (
        "rule-crashed",
        "capture",
        3,
        "async-event-unassigned",
    )
    assert "fails failed with LookupError: nothing there" in sentence(crashed)
