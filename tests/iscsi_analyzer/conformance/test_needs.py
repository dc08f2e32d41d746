"""What a rule needs is told by its words; words that nobody knows ask for most."""

from __future__ import annotations

import pytest

from iscsi_analyzer.conformance.needs import Need, need_of
from iscsi_analyzer.rules.catalogue import rules


@pytest.mark.parametrize(
    ("words", "asked", "not_asked"),
    [
        ("", Need.NOTHING, Need.DATA),
        ("the login", Need.LOGIN, Need.UNBROKEN),
        ("the whole text", Need.DATA, Need.TASK),
        ("the whole task, and the result of the login", Need.TASK | Need.LOGIN, Need.UNBROKEN),
        ("an unbroken view of the connection from its SYN on", Need.START | Need.UNBROKEN, Need.ALONE),
        ("an unbroken view of a session with one connection", Need.ALONE | Need.UNBROKEN, Need.START),
        ("the whole connection since, and that the ping arrived", Need.UNBROKEN | Need.AFTER, Need.ALONE),
        ("an unbroken view of all connections of the session", Need.SESSION | Need.LOGIN, Need.ALONE),
        ("the logins of all connections of the session", Need.ALONE | Need.LOGIN, Need.SESSION),
        ("everything since the command", Need.TASK, Need.AFTER),
        ("the moon", Need.START | Need.UNBROKEN | Need.LOGIN | Need.DATA, Need.ALONE),
    ],
)
def test_words_become_questions(words: str, asked: Need, not_asked: Need) -> None:
    assert asked in need_of(words)
    assert not need_of(words) & not_asked


def test_every_rule_that_needs_something_asks_for_something() -> None:
    assert [rule.name for rule in rules().values() if rule.needs and not need_of(rule.needs)] == []
