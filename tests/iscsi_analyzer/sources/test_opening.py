"""What a file is, its first bytes say; what cannot be read is named, with what to do about it."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import struct
from pathlib import Path

import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.sources.opening import HEAD, OTHERS, Opening
from iscsi_analyzer.sources.pcap import PcapWalker
from iscsi_analyzer.sources.pcapng import PcapngWalker
from iscsi_analyzer.sources.problems import ProblemLog, SourceError
from iscsi_analyzer.sources.reading import HandlePool
from iscsi_analyzer.sources.sink import Interfaces
from tests.support.capturefiles import pcap_file, pcapng_file, some_records

RECORDS = some_records(30)
FILES = {
    **{f"pcap {kind} {order}": pcap_file(RECORDS, kind=kind, order=order) for kind in ("us", "ns") for order in "<>"},
    "modified": pcap_file(RECORDS, kind="modified"),
    "pcapng <": pcapng_file(RECORDS),
    "pcapng >": pcapng_file(RECORDS, order=">"),
}
COMPRESS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "lz4": lz4.frame.compress,
}


def opened(path: Path, data: bytes, *, final: bool = True) -> Opening:
    path.write_bytes(data)
    opening = Opening(str(path), HandlePool())
    assert opening.identify(final)
    return opening


def refused(path: Path, data: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        opened(path, data)
    return str(caught.value).replace(str(path.parent) + "/", "")


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_the_content_decides_not_the_name(tmp_path: Path, data: bytes) -> None:
    opening = opened(tmp_path / "readme.txt.zip", data)
    assert opening.format == ("pcapng" if data.startswith(b"\n") else "pcap")
    assert opening.compression == ""
    walker = opening.walker(ProblemLog(), Interfaces())
    assert isinstance(walker, PcapngWalker if opening.format == "pcapng" else PcapWalker)
    assert opening.head + opening.reader.read(1 << 20) == data
    opening.reader.close()


@pytest.mark.parametrize("kind", COMPRESS)
def test_every_compression_is_seen_through(tmp_path: Path, kind: str) -> None:
    opening = opened(tmp_path / "x", COMPRESS[kind](FILES["pcapng <"]))
    assert (opening.format, opening.compression) == ("pcapng", kind)
    rest = b""
    while data := opening.reader.read(1 << 20):
        rest += data
    assert opening.head + rest == FILES["pcapng <"]
    opening.reader.close()


def test_compression_within_compression_is_seen_through_but_not_without_end(tmp_path: Path) -> None:
    twice = zstandard.ZstdCompressor().compress(gzip.compress(FILES["modified"], mtime=0))
    opening = opened(tmp_path / "x", twice)
    assert (opening.format, opening.compression) == ("pcap", "gzip in zstd")
    opening.reader.close()
    said = refused(tmp_path / "x", lzma.compress(twice))
    assert said == "x: is compressed more than twice (gzip in zstd in xz) (decompress it first)"


@pytest.mark.parametrize(("magic", "offset", "name", "remedy"), OTHERS)
def test_other_formats_are_named_with_a_remedy(
    tmp_path: Path, magic: bytes, offset: int, name: str, remedy: str
) -> None:
    data = b"x" * offset + magic + bytes(600)
    said = refused(tmp_path / "a file", data)
    assert said.startswith(f"a file: is {name} (")
    assert remedy.partition(":")[0] in said
    if "{path}" in remedy:
        assert f"'{tmp_path}/a file'".replace(str(tmp_path) + "/", "") in said
    inside = refused(tmp_path / "a file", gzip.compress(data, mtime=0))
    assert inside.startswith(f"a file: is {name} (inside gzip) (")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "x: offset 0: the file is empty (was the capture stopped properly?)"),
        (
            gzip.compress(b"", mtime=0),
            "x: offset 0: the file is empty (inside gzip) (was the capture stopped properly?)",
        ),
        (bytes(100), "x: offset 0: nothing but zero bytes at the beginning"),
        (b"Frame 1: 74 bytes on wire", "x: is not a capture that can be read here: it begins with 46 72 61 6d 65 20"),
        (b"\xd4\xc3\xb2", "x: is not a capture that can be read here: it begins with d4 c3 b2 (pcap and pcapng are"),
        (b"\x1f\x8b\x08", "x: offset 3: the gzip data are cut short after 3 compressed bytes"),
        (gzip.compress(b"x" * 99, mtime=0)[:11], "x: offset 11: the gzip data are cut short after 11 compressed bytes"),
        (b"\x1f\x8b\xff" + bytes(50), "x: offset 0: the gzip data are damaged near compressed offset 0 ("),
    ],
)
def test_what_is_no_capture_is_said_in_one_line(tmp_path: Path, data: bytes, said: str) -> None:
    assert refused(tmp_path / "x", data).startswith(said)


def test_a_growing_file_is_not_judged_before_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"")
    opening = Opening(str(path), HandlePool())
    data = FILES["pcap us <"]
    for length in range(4):
        path.write_bytes(data[:length])
        assert not opening.identify(final=False)
    path.write_bytes(data[:4])
    assert opening.identify(final=False)
    assert opening.format == "pcap"
    opening.reader.close()


def test_a_growing_file_that_is_no_capture_is_refused_when_enough_is_there(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * (HEAD - 1))
    opening = Opening(str(path), HandlePool())
    assert not opening.identify(final=False)
    path.write_bytes(b"x" * HEAD)
    with pytest.raises(SourceError):
        opening.identify(final=False)
    opening.reader.close()


@given(st.sampled_from([b"", *COMPRESS]), st.binary(max_size=50))
def test_whatever_a_file_holds_it_is_opened_or_refused(tmp_path_factory: pytest.TempPathFactory, kind, data) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path_factory.getbasetemp() / "anything"
    magic = {b"": b"", "gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\0", "zstd": b"\x28\xb5\x2f\xfd"}
    path.write_bytes(magic.get(kind, struct.pack("<I", 0x184D2204)) + data)
    opening = Opening(str(path), HandlePool())
    with contextlib.suppress(SourceError):
        assert opening.identify(final=True)
    opening.reader.close()
