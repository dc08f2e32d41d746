"""Colours by rule: display filters, each with the style of the PDUs that pass it; the first that fits counts.

Looks at whole columns: for workers, within `Document.reading`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.store.store import Store

MOST_RULES = 255


class Colors:
    """The rules of one user for one store, which may still grow."""

    def __init__(self, store: Store, rules: Sequence[tuple[str, str]]) -> None:
        """`rules`: valid filters and their styles; at most MOST_RULES count."""
        self._store = store
        self._rules = [(compile_filter(text), style) for text, style in rules[:MOST_RULES]]
        self._ahead = any(rule.looks_ahead for rule, _ in self._rules)
        self._found = np.zeros(0, dtype=np.uint8)

    @property
    def styles(self) -> list[str]:
        """The style for each number that `look` gives."""
        return ["", *(style for _, style in self._rules)]

    def look(self) -> NDArray[np.uint8]:
        """For each PDU that is there now an index into `styles`; 0 if no rule fits."""
        known = 0 if self._ahead else len(self._found)
        masks = [rule.pdus(self._store, known + 1) for rule, _ in self._rules]
        fresh = np.zeros(min((len(mask) for mask in masks), default=0), dtype=np.uint8)
        for number, mask in reversed(list(enumerate(masks, 1))):
            fresh[mask[: len(fresh)]] = number
        self._found = np.concatenate([self._found[:known], fresh])
        return self._found
