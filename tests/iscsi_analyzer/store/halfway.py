"""A store whose writer goes on in another thread, just while somebody reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iscsi_analyzer.options import Options
from iscsi_analyzer.plain import new_engine
from iscsi_analyzer.store.blocks import BlockWriter
from iscsi_analyzer.store.store import Store


class Halfway:
    """A writer in another thread, seen at its worst moments."""

    def __init__(self, writer: BlockWriter, meanwhile: Callable[[], None] | None, partial: bytes) -> None:
        self._writer = writer
        self._meanwhile = meanwhile
        self._partial = partial

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    def tail(self) -> bytes:
        """The block that is being filled, just after the writer went on."""
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return self._writer.tail() + self._partial


def filled(count: int, meanwhile: int, partial: bytes = b"") -> Store:
    """A store of `count` rows, whose writer adds `meanwhile` more while a reader looks."""
    engine = new_engine(Options())
    writer = engine.listener.rows

    def add(more: int) -> None:
        for _ in range(more):
            number = writer.count + 1
            writer.add(number, number, 1, 0, 1, 0, 0, 0, 0, 0, number.to_bytes(48, "big"))

    add(count)
    found = engine.listener

    class Found:
        rows = Halfway(writer, lambda: add(meanwhile), partial)

        def __getattr__(self, name: str) -> Any:
            return getattr(found, name)

    store = Store(engine, lambda position, length: b"")
    store.found = Found()  # type: ignore[assignment]
    return store
