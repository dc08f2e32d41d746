"""Frame sinks and ways to read that the tests of the sources share."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from iscsi_analyzer.sources.capture import Capture, open_capture
from iscsi_analyzer.sources.problems import ProblemLog
from iscsi_analyzer.sources.sink import NO_LIMIT, FrameSink, Interfaces, Walker
from tests.support.capturefiles import Record


class Call(NamedTuple):
    """One frame as a sink got it."""

    data: bytes
    wire: int
    ts: int
    linktype: int
    position: int
    interface: int


class Calls(FrameSink):
    """Remembers every frame."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def frame(
        self, buf: bytes, start: int, captured: int, wire: int, ts: int, linktype: int, position: int, interface: int
    ) -> None:
        assert 0 <= start <= start + captured <= len(buf)
        assert 0 <= captured <= wire
        self.calls.append(Call(buf[start : start + captured], wire, ts, linktype, position, interface))

    @property
    def plain(self) -> list[tuple[int, bytes, int]]:
        """Time, data and wire length of each frame: what a `Record` says."""
        return [(call.ts, call.data, call.wire) for call in self.calls]


def plain(records: list[Record]) -> list[tuple[int, bytes, int]]:
    """What a sink should get of records."""
    return [(record.ts, record.data, record.length) for record in records]


def run(capture: Capture) -> Calls:
    """Read a capture to its end."""
    calls = Calls()
    while capture.step(calls):
        pass
    return calls


def read(*paths: Path, chunk_size: int = 1 << 20) -> tuple[Calls, list[str]]:
    """The frames of files and the problems, in words, without the directory."""
    with open_capture(paths, chunk_size=chunk_size) as capture:
        calls = run(capture)
        return calls, [str(problem).replace(f"{paths[0].parent}/", "") for problem in capture.problems]


class Walk:
    """A walker and its surroundings, fed with all bytes at once, as the whole file."""

    def __init__(self, kind: type[Walker], data: bytes) -> None:
        self.calls = Calls()
        self.log = ProblemLog()
        self.interfaces = Interfaces()
        # `Walker` itself has the same arguments as its formats, but for the recovering ones in between.
        self.walker = kind("file", self.log, self.interfaces)
        self.used = self.walker.walk(data, 0, 0, NO_LIMIT, self.calls)
        self.walker.final = True
        self.used = self.walker.walk(data, self.used, 0, NO_LIMIT, self.calls)
        if self.used < len(data):
            self.walker.cut_short(len(data) - self.used, self.used)

    @property
    def problems(self) -> list[str]:
        """What was reported, in words."""
        return [str(problem) for problem in self.log.problems]


class Pipe(io.RawIOBase):
    """A standard input that brings its bytes in small pieces and cannot seek."""

    def __init__(self, data: bytes, piece: int = 1000) -> None:
        self.rest = data
        self.piece = piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self.rest[: min(self.piece, len(buffer))]
        self.rest = self.rest[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def feed_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes, piece: int = 1000) -> None:
    """Let the standard input be a pipe with this data."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Pipe(data, piece))))
