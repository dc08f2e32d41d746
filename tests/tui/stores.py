"""Stores of samples and of conversations, for what the screens show."""

from __future__ import annotations

from functools import cache

from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store.store import Store
from tests.tui.screen_text import sample


@cache
def store(name: str) -> Store:
    """The store of the sample whose name begins so; its capture stays open."""
    return Analysis([sample(name)], random_access=True).run().store
