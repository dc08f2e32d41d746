"""From Python values, one for each item, to `Values`: for levels with few items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from iscsi_analyzer.query.values import Values


def numbers(found: Sequence[int | None], kind: Any = np.int64) -> Values:
    """Numbers; None where there is none."""
    present = [value is not None for value in found]
    data = np.array([value or 0 for value in found], dtype=kind)
    return Values(data, None if all(present) else np.array(present, dtype=np.bool_))


def objects(found: Sequence[Any]) -> Values:
    """Texts, bytes or addresses; None where there is none."""
    present = [value is not None for value in found]
    return Values(np.arange(len(found)), None if all(present) else np.array(present, dtype=np.bool_), None, list(found))


def occurrences(found: Sequence[tuple[int, Any]]) -> Values:
    """Texts, bytes or addresses in any number, each with the place in the scope of the item that it belongs to."""
    owner = np.array([place for place, _ in found], dtype=np.int64)
    return Values(np.arange(len(found)), None, owner, [value for _, value in found])


def several_numbers(found: Sequence[tuple[int, int]], kind: Any = np.uint64) -> Values:
    """Numbers in any number, likewise."""
    owner = np.array([place for place, _ in found], dtype=np.int64)
    return Values(np.array([value for _, value in found], dtype=kind), None, owner)
