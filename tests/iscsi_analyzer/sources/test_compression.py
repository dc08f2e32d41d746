"""Every kind of compression is a stream of bounded pieces; what a damaged file still holds is delivered."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct
import sys
from collections.abc import Callable

import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.sources.compression import CODECS, DecompressingReader, compression_of
from iscsi_analyzer.sources.problems import ERROR, WARNING, SourceError
from iscsi_analyzer.sources.reading import Reader

DATA = random.Random(5).randbytes(100_000) + b"and what can be compressed " * 10_000


def with_window(data: bytes) -> bytes:
    """As `zstd --long=31` writes it."""
    parameters = zstandard.ZstdCompressionParameters(window_log=31, enable_ldm=True)
    stream = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return stream.compress(data) + stream.flush()


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "lz4": lz4.frame.compress,
}
KINDS = pytest.mark.parametrize("kind", COMPRESS)
SKIPPABLE = struct.pack("<II", 0x184D2A53, 5) + b"hello"


class Source(Reader):
    """Gives bytes in pieces of a size; may grow."""

    def __init__(self, data: bytes, piece: int = 1 << 30) -> None:
        self.data = data
        self.piece = piece
        self.closed = False
        self.full = True

    def read(self, size: int) -> bytes:
        data = self.data[self.done : self.done + min(size, self.piece)]
        self.done += len(data)
        return data

    def ended(self) -> bool:
        return self.full

    def close(self) -> None:
        self.closed = True


def read_all(reader: Reader, size: int = 1 << 20) -> bytes:
    found = []
    while data := reader.read(size):
        assert len(data) <= size
        found.append(data)
    return b"".join(found)


def same(found: bytes, wanted: bytes) -> bool:
    """Compared here, because pytest would show the difference of two long texts at length."""
    return found == wanted


def test_every_kind_has_a_test() -> None:
    assert set(COMPRESS) == set(CODECS)


@KINDS
@pytest.mark.parametrize("piece", [1, 100, 1 << 30])
def test_what_was_compressed_comes_back(kind: str, piece: int) -> None:
    packed = COMPRESS[kind](DATA)
    assert compression_of(packed[:16]) == kind
    reader = DecompressingReader("x", Source(packed, piece), kind)
    assert same(read_all(reader), DATA)
    assert (reader.incomplete(), reader.done) == (None, len(packed))


@KINDS
@pytest.mark.parametrize("size", [1000, 65_537])
def test_no_piece_is_longer_than_asked_for(kind: str, size: int) -> None:
    assert same(read_all(DecompressingReader("x", Source(COMPRESS[kind](DATA)), kind), size), DATA)


@KINDS
def test_several_members_are_one_stream(kind: str) -> None:
    compress = COMPRESS[kind]
    packed = compress(b"first ") + compress(b"") + compress(b"second ") + compress(DATA)
    for piece in (1, 7, 1 << 30):
        reader = DecompressingReader("x", Source(packed, piece), kind)
        assert same(read_all(reader), b"first second " + DATA)
        assert reader.incomplete() is None


@pytest.mark.parametrize("kind", ["zstd", "lz4"])
def test_skippable_frames_are_skipped(kind: str) -> None:
    compress = COMPRESS[kind]
    packed = SKIPPABLE + compress(b"one ") + SKIPPABLE * 5000 + compress(b"two") + SKIPPABLE
    assert compression_of((SKIPPABLE + compress(b"x"))[:64]) == kind
    for piece in (1, 1 << 30):
        reader = DecompressingReader("x", Source(packed, piece), kind)
        assert read_all(reader) == b"one two"
        assert reader.incomplete() is None


@pytest.mark.parametrize("kind", ["gzip", "xz"])
def test_zeros_between_and_after_members_are_padding(kind: str) -> None:
    packed = COMPRESS[kind](b"one ") + bytes(8) + COMPRESS[kind](b"two") + bytes(1024)
    for piece in (1, 1 << 30):
        reader = DecompressingReader("x", Source(packed, piece), kind)
        assert read_all(reader) == b"one two"
        assert reader.incomplete() is None


def test_windows_of_two_gigabytes_are_read() -> None:
    packed = with_window(DATA)
    assert zstandard.get_frame_parameters(packed).window_size == 1 << 31
    assert same(read_all(DecompressingReader("x", Source(packed), "zstd")), DATA)


@KINDS
def test_a_stream_that_is_cut_gives_what_it_has(kind: str) -> None:
    packed = COMPRESS[kind](DATA)
    short = COMPRESS[kind](b"short")
    for cut in [*range(1, len(short)), *range(len(short), len(packed), 9973)]:
        data = short[:cut] if cut < len(short) else packed[:cut]
        reader = DecompressingReader("x", Source(data), kind)
        got = read_all(reader)
        assert same(got, (b"short" if cut < len(short) else DATA)[: len(got)])
        problem = reader.incomplete()
        assert problem is not None
        if cut >= 8:
            assert str(problem) == (
                f"x: offset {cut}: the {kind} data are cut short after {cut} compressed bytes: what precedes was read"
                " (copy the file once more)"
            )
            assert problem.severity == ERROR


def test_a_cut_gzip_stream_gives_nearly_all_of_what_precedes_the_cut() -> None:
    packed = gzip.compress(DATA, 1)
    got = read_all(DecompressingReader("x", Source(packed[:60_000]), "gzip"))
    assert len(got) > 50_000


@KINDS
def test_a_damaged_stream_gives_what_precedes_the_damage(kind: str) -> None:
    packed = bytearray(COMPRESS[kind](DATA))
    packed[40_000:40_040] = b"\xff" * 40
    for piece in (100, 1 << 30):
        reader = DecompressingReader("x", Source(bytes(packed), piece), kind)
        got = read_all(reader)
        if reader.incomplete() is None:
            # Without a checksum of its own, lz4 and zstd take data that were stored as they are for good.
            assert kind in ("zstd", "lz4")
        else:
            # gzip notices by its checksum at the end only.
            assert same(got[:39_000], DATA[: min(len(got), 39_000)])
            assert len(got) > 20_000 or kind in ("xz", "bzip2")
            assert f"the {kind} data are damaged near compressed offset " in str(reader.incomplete())


def test_a_wrong_checksum_of_gzip_takes_no_data_away() -> None:
    packed = bytearray(gzip.compress(DATA))
    packed[-6] ^= 1
    reader = DecompressingReader("x", Source(bytes(packed)), "gzip")
    assert same(read_all(reader, 4096), DATA)
    assert "damaged" in str(reader.incomplete())


@KINDS
def test_something_else_after_the_end_is_ignored_with_a_warning(kind: str) -> None:
    packed = COMPRESS[kind](b"data")
    for tail in (b"abc", b"something else altogether"):
        for piece in (1, 1 << 30):
            reader = DecompressingReader("x", Source(packed + tail, piece), kind)
            assert read_all(reader) == b"data"
            problem = reader.incomplete()
            assert problem is not None
            assert (problem.severity, problem.offset) == (WARNING, len(packed))
            assert str(problem).endswith("ignored")


@KINDS
def test_a_growing_stream_goes_on_when_more_is_there(kind: str) -> None:
    packed = COMPRESS[kind](DATA)
    source = Source(b"")
    source.full = False
    reader = DecompressingReader("x", source, kind)
    got = b""
    for end in range(0, len(packed) + 5000, 5000):
        source.data = packed[:end]
        got += read_all(reader)
        assert not reader.ended()
    assert same(got, DATA)


@KINDS
def test_a_decompression_bomb_comes_in_pieces(kind: str) -> None:
    packed = COMPRESS[kind](bytes(20_000_000))
    assert len(packed) < 100_000
    reader = DecompressingReader("x", Source(packed), kind)
    total = 0
    while data := reader.read(100_000):
        assert len(data) <= 100_000
        total += len(data)
    assert total == 20_000_000


@KINDS
@given(data=st.data())
def test_no_bytes_make_it_raise(kind: str, data: st.DataObject) -> None:
    good = COMPRESS[kind](b"a few bytes of good data")
    begin = data.draw(st.integers(0, len(good)))
    reader = DecompressingReader("x", Source(good[:begin] + data.draw(st.binary(max_size=100))), kind)
    read_all(reader)
    reader.incomplete()


def test_without_its_package_a_kind_is_refused_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, module, package in (("lz4", "lz4.frame", "lz4"), ("zstd", "zstandard", "zstandard")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(SourceError) as caught:
            DecompressingReader("x", Source(b""), kind)
        said = str(caught.value)
        assert f"x: is compressed with {kind}, for which the Python package is missing (pip install {package}," in said


def test_closing_closes_the_source() -> None:
    source = Source(b"")
    DecompressingReader("x", source, "gzip").close()
    assert source.closed


def test_what_is_not_compressed_is_not_taken_for_it() -> None:
    for head in (b"", b"\x1f", b"\xd4\xc3\xb2\xa1", b"\n\r\r\n", b"BZ", b"P\x2a\x4d"):
        assert compression_of(head) == ""
