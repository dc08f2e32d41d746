"""Files and pipes give their bytes in pieces; what cannot be read is said in one line with a remedy."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from iscsi_analyzer.sources.problems import SourceError
from iscsi_analyzer.sources.reading import (
    FileReader,
    HandlePool,
    PipeReader,
    Reader,
    is_regular,
    open_reader,
    os_problem,
    size_on_disk,
)


def test_readers_share_a_bounded_number_of_open_files(tmp_path: Path) -> None:
    """Each goes on where it was, although its file was closed in between."""
    pool = HandlePool(limit=3)
    readers = []
    for i in range(10):
        (tmp_path / str(i)).write_bytes(bytes([65 + i]) + b"0123456789")
        readers.append(FileReader(str(tmp_path / str(i)), pool))
    got = [b""] * 10
    for _ in range(4):
        for i, reader in enumerate(readers):
            got[i] += reader.read(3)
            assert len(pool._open) <= 3
    assert got == [bytes([65 + i]) + b"0123456789" for i in range(10)]
    assert {reader.done for reader in readers} == {11}
    for reader in readers:
        reader.close()
    assert not pool._open


def test_a_span_of_a_file_is_read_as_far_as_the_file_goes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"0123456789")
    reader = FileReader(str(tmp_path / "x"), HandlePool())
    assert reader.read_at(3, 4) == b"3456"
    assert reader.read_at(8, 1 << 50) == b"89"
    assert reader.read_at(10, 1) == reader.read_at(1 << 40, 1) == b""
    reader.close()


def test_a_followed_file_notices_what_happens_to_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"0123456789")

    def after_reading() -> FileReader:
        reader = FileReader(str(path), HandlePool())
        reader.read(100)
        assert not reader.ended()
        assert reader.incomplete() is None
        return reader

    def said(reader: FileReader) -> str:
        assert reader.ended()
        reader.close()
        return str(reader.incomplete())

    first = after_reading()
    path.write_bytes(b"01234")
    assert "offset 10: the file was cut to 5 bytes while it was followed" in said(first)
    second, third = after_reading(), after_reading()
    (tmp_path / "y").write_bytes(b"another file")
    if sys.platform != "win32":
        os.replace(tmp_path / "y", path)
        assert "another file has taken its place" in said(second)
        path.unlink()
        assert "the file was removed" in said(third)
    second.close()
    third.close()


class Trickle(io.RawIOBase):
    """A pipe that has a little at a time."""

    def __init__(self) -> None:
        self.pieces = [b"ab", b"cde", b""]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        piece = self.pieces.pop(0)
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_pipe_gives_what_it_has_without_waiting_for_more() -> None:
    reader = PipeReader(io.BufferedReader(Trickle()), owned=True)
    assert [reader.read(1000), reader.read(1000), reader.read(1000)] == [b"ab", b"cde", b""]
    assert (reader.done, reader.ended(), reader.incomplete()) == (5, True, None)
    reader.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_a_named_pipe_is_read_like_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"through the pipe",))
    writer.start()
    reader = open_reader(str(path), HandlePool())
    got = b""
    while data := reader.read(5):
        got += data
    reader.close()
    writer.join()
    assert got == b"through the pipe"
    assert not is_regular(str(path))
    assert size_on_disk(str(path)) is None


def test_sizes_are_known_of_regular_files_only(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    assert size_on_disk(str(tmp_path / "x")) == 5
    assert is_regular(str(tmp_path / "x"))
    for other in ("-", str(tmp_path), str(tmp_path / "missing")):
        assert size_on_disk(other) is None
        assert not is_regular(other)


def problem_of(path: str) -> str:
    with pytest.raises(SourceError) as caught:
        open_reader(path, HandlePool())
    return str(caught.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert problem_of(str(tmp_path / "no")) == f"{tmp_path / 'no'}: there is no such file (check the name)"


def test_a_directory_is_said(tmp_path: Path) -> None:
    said = problem_of(str(tmp_path))
    assert "is a directory (name the files in it: " in said


def test_a_name_that_no_file_can_have_is_said() -> None:
    assert "cannot be read: " in problem_of("a\0b")


def test_other_refusals_of_the_operating_system_are_said() -> None:
    assert "permission denied" in str(os_problem("x", PermissionError(13, "Permission denied")))
    assert str(os_problem("x", OSError(5, "Input/output error"), 7)) == (
        "x: offset 7: cannot be read: Input/output error"
    )


def test_without_a_standard_input_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert problem_of("-") == "standard input: is closed (give the name of a capture file)"


def test_a_terminal_is_no_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Terminal()))
    assert "is a terminal, not a capture" in problem_of("-")


def test_a_reader_by_itself_promises_nothing() -> None:
    reader = Reader()
    assert (reader.ended(), reader.incomplete()) == (False, None)
    with pytest.raises(NotImplementedError):
        reader.read(1)
    reader.close()


def test_a_pipe_that_cannot_be_asked_is_read_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some systems have no pipes that answer at once whether there is something in them."""
    monkeypatch.delattr(os, "set_blocking")
    reading, writing = os.pipe()
    os.write(writing, b"all of it")
    os.close(writing)
    with open(reading, "rb", buffering=0) as stream:
        reader = PipeReader(stream, owned=False)
        reader.follow()
        assert (reader.read(100), reader.ended()) == (b"all of it", True)
