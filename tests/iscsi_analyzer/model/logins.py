"""Logins for tests, made of the pairs that were said."""

from __future__ import annotations

from iscsi_analyzer.model.login import Login, Said

SENT, BACK = True, False


def login(*said: tuple[int, bool, str, str], complete: bool = True, hole: bool = False) -> Login:
    """A login in which these pairs were said: (PDU, to the target, key, value)."""
    made = Login()
    made.requests = 1
    made.said = [Said(*pair) for pair in said]
    made.complete = complete
    made.hole = hole
    return made
