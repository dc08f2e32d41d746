"""Bulk traffic passes the rules on rare events by."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import rare
from tests.iscsi_analyzer.rules.judging import findings_of
from tests.support.talk import Talk

SHOWN = ("see_initiator", "see_target", "see_watched", "see_foreign", "over", "lost")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions of the module that were called."""
    found: list[str] = []
    for name in SHOWN:
        monkeypatch.setattr(rare, name, lambda *_, name=name: found.append(name))
    return found


def test_reads_and_writes_are_not_shown(calls: list[str]) -> None:
    talk = Talk().open()
    calls.clear()
    talk.read(8192)
    talk.write(8192)
    talk.test_unit_ready(8)
    assert findings_of(talk) == []
    assert set(calls) <= {"see_target"}  # by the login


@pytest.mark.parametrize("step", ["tmf", "snack", "reject", "event", "logout"])
def test_what_is_rare_is_shown(calls: list[str], step: str) -> None:
    talk = Talk(error_recovery_level=1).open()
    if step == "tmf":
        talk.tmf(5)
    elif step == "snack":
        talk.snack(1)
    elif step == "reject":
        talk.reject(talk.nop_out())
    elif step == "event":
        talk.async_message(4)
    else:
        talk.logout()
    findings_of(talk)
    assert calls.count("see_initiator") + calls.count("see_target") > len(["login", "login"])


def test_a_connection_is_watched_only_after_something_happened() -> None:
    talk = Talk(max_connections=2).open()
    talk.join().open()
    talk.tmf(5)
    talk.read(4096)
    assert findings_of(talk) == []
