"""Records as JSON: one object a line, or one array with an object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec


def json_pieces(records: Iterable[msgspec.Struct], *, array: bool) -> Iterator[bytes]:
    """The bytes of JSON Lines, or of one array; an array without records is one, too."""
    encode = msgspec.json.Encoder().encode
    if not array:
        for record in records:
            yield encode(record) + b"\n"
        return
    before = b"["
    for record in records:
        yield before + encode(record)
        before = b",\n"
    yield b"[]\n" if before == b"[" else b"\n]\n"
