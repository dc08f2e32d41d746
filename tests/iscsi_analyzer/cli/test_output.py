"""Output is gathered, arrives whole, and ends quietly when nobody reads it."""

from __future__ import annotations

import io
import sys

import pytest

from iscsi_analyzer.cli.output import PIECE, Output, OutputLost, StdoutClosed, can_print, colour, encoding


class Closed(io.RawIOBase):
    """A pipe whose reader has gone."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise BrokenPipeError


class Full(io.RawIOBase):
    """A file on a disk without room."""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise OSError(28, "No space left on device")


class Terminal(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_small_pieces_are_gathered_and_large_ones_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "utf-8"))
    output = Output()
    output.write(b"a" * 10)
    assert raw.getvalue() == b""
    output.write(b"b" * PIECE)
    assert raw.getvalue() == b"a" * 10 + b"b" * PIECE
    output.text("→")
    output.flush()
    assert raw.getvalue().endswith("→".encode())


def test_a_closed_pipe_keeps_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(Closed(), 1), "utf-8"))
    output = Output()
    output.code = 2
    with pytest.raises(StdoutClosed) as closed:
        output.write(b"x" * (PIECE + 1))
    assert closed.value.code == 2
    monkeypatch.undo()


def test_no_standard_output_at_all_is_a_closed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(StdoutClosed):
        Output()


def test_text_only_streams_are_served_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    output = Output()
    output.text("words")
    output.flush()
    assert stream.getvalue() == "words"


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert colour("auto")
    assert not colour("never")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colour("auto")
    assert colour("always")
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not colour("auto")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert not colour("auto")


def test_what_the_encoding_lacks_is_known_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii"))
    assert encoding() == "ascii"
    assert not can_print("→")
    assert can_print(">")


def test_a_disk_without_room_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(Full(), 1), "utf-8"))
    output = Output()
    with pytest.raises(OutputLost, match="no space left on device: the output is not complete"):
        output.write(b"a" * 2 * PIECE)
    monkeypatch.undo()
