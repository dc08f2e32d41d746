"""Decompression as a stream: gzip, bzip2, xz, zstd and lz4, of any number of members, in bounded pieces.

What a damaged file still yields is delivered; what is wrong is said by `incomplete`. The codecs that are no part of
Python are imported when a file needs them.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

from iscsi_analyzer.sources.problems import ERROR, WARNING, SourceError, SourceProblem
from iscsi_analyzer.sources.reading import Reader

READ: Final = 1 << 16
"Compressed bytes that are read at a time."
PIECES: Final = {"gzip": 16384, "zstd": 2048}
"""Compressed bytes that a codec gets at a time. zstd gets little because its output cannot be limited: so much can
become 64 MB at the most. The others get little because what damage destroys is delivered up to the last piece only."""
PIECE: Final = 4096
ZSTD_WINDOW: Final = 1 << 31
"Whatever `zstd --long=31` makes can be read."
XZ_MEMORY: Final = 1 << 31
"A file that demands more memory (bytes) is refused."

MAGICS: Final = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"BZh", "bzip2"),
)
SKIPPABLE: Final = b"\x2a\x4d\x18"
"Bytes 2 to 4 of the magic number of a frame that zstd and lz4 skip; the first is 0x50 to 0x5f, a length follows."


class Codec(Protocol):
    """What the decompressors of lzma, bz2 and lz4 have in common; the others are made to look like it."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes | None: ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """One gzip member. If it is damaged, what precedes the damage is delivered before the error."""

    def __init__(self) -> None:
        self._codec = zlib.decompressobj(wbits=31)
        self._error: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._codec.eof

    @property
    def needs_input(self) -> bool:
        return not self._codec.unconsumed_tail and self._error is None

    @property
    def unused_data(self) -> bytes:
        return self._codec.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if self._error is not None:
            raise self._error
        data = self._codec.unconsumed_tail + data
        before = self._codec.copy()
        try:
            return self._codec.decompress(data, max(max_length, 0))
        except zlib.error as error:
            self._error = error
        found = [b""]
        try:
            for i in range(len(data)):
                found.append(before.decompress(data[i : i + 1]))
        except zlib.error:
            pass
        if not any(found):
            raise self._error
        return b"".join(found)


class _Zstd:
    """One zstd frame."""

    def __init__(self) -> None:
        import zstandard

        self._codec = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
        self._output = b""

    @property
    def eof(self) -> bool:
        return self._codec.eof and not self._output

    @property
    def needs_input(self) -> bool:
        return not self._output

    @property
    def unused_data(self) -> bytes:
        return self._codec.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        output = self._output
        if data:
            output += self._codec.decompress(data)
        if max_length < 0:
            max_length = len(output)
        self._output = output[max_length:]
        return output[:max_length]


def _lz4() -> Codec:
    from lz4.frame import LZ4FrameDecompressor

    codec: Codec = LZ4FrameDecompressor()
    return codec


CODECS: Final[dict[str, Callable[[], Any]]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
    "zstd": _Zstd,
    "lz4": _lz4,
}


def compression_of(head: bytes) -> str:
    """The compression that the first bytes of a file show; empty if none."""
    for magic, name in MAGICS:
        if head.startswith(magic):
            return name
    if is_skippable(head):
        # What follows decides between zstd and lz4; if that is out of sight, zstd is the one that is used so.
        after = 8 + int.from_bytes(head[4:8], "little")
        return "lz4" if head[after : after + 4] == b"\x04\x22\x4d\x18" else "zstd"
    return ""


def is_skippable(head: bytes) -> bool:
    """Does a skippable frame of zstd or lz4 begin here?"""
    return len(head) >= 8 and head[0] & 0xF0 == 0x50 and head[1:4] == SKIPPABLE


class DecompressingReader(Reader):
    """The decompressed bytes of another reader's."""

    def __init__(self, path: str, source: Reader, kind: str) -> None:
        """Raises SourceError if the codec is not installed."""
        self.path = path
        self.kind = kind
        self._source = source
        self.descriptor = source.descriptor
        self._pending = b""
        "Compressed bytes from the source; those from `_at` on no codec has got."
        self._at = 0
        self._skip = 0
        "Compressed bytes to go of a skippable frame."
        self._codec: Codec | None = None
        "The member that is being decompressed."
        self._members = 0
        self._consumed = 0
        "Compressed bytes that came from the source."
        self._given = 0
        "Compressed offset of what the codec got last."
        self._problem: SourceProblem | None = None
        try:
            CODECS[kind]()
        except ImportError as error:
            package = (error.name or kind).partition(".")[0]
            remedy = f"pip install {package}, or decompress the file first"
            said = f"is compressed with {kind}, for which the Python package is missing"
            raise SourceError(SourceProblem(path, -1, said, remedy, ERROR)) from error

    def read(self, size: int) -> bytes:
        """See `Reader.read`. Asks the source for more only as long as nothing has come out."""
        found: list[bytes] = []
        length = 0
        while length < size:
            codec = self._codec or self._next_member()
            if self._failed():
                break
            if codec is None or (codec.needs_input and self._at == len(self._pending)):
                if found or not self._fill():
                    break
                continue
            output = self._decompress(codec, size - length)
            if output:
                found.append(output)
                length += len(output)
        self.done = self._source.done
        return found[0] if len(found) == 1 else b"".join(found)

    def _failed(self) -> bool:
        return self._problem is not None

    def _fill(self) -> bool:
        """Get more compressed bytes; False if there are none."""
        data = self._source.read(READ)
        self._pending = self._pending[self._at :] + data
        self._at = 0
        self._consumed += len(data)
        return bool(data)

    def _place(self) -> int:
        """Compressed offset of the first byte that no codec has got."""
        return self._consumed - len(self._pending) + self._at

    def _next_member(self) -> Codec | None:
        """Begin the next member; None if there are too few bytes for that, or something else, which is a problem."""
        if self._problem is not None:
            return None
        while True:
            step = min(self._skip, len(self._pending) - self._at)
            self._skip -= step
            self._at += step
            if self._members and self.kind in ("gzip", "xz"):
                # Zeros may follow: xz pads, and tapes did.
                self._at = len(self._pending) - len(self._pending[self._at :].lstrip(b"\0"))
            head = self._pending[self._at : self._at + 8]
            if self._skip or len(head) < 8:
                return None
            if not is_skippable(head) or self.kind not in ("zstd", "lz4"):
                break
            self._skip = 8 + int.from_bytes(head[4:8], "little")
        if compression_of(head) != self.kind:
            said = f"what follows the {self.kind} data at compressed offset {self._place()} is something else: ignored"
            self._problem = SourceProblem(self.path, self._place(), said, "", WARNING)
            return None
        self._members += 1
        self._codec = CODECS[self.kind]()
        return self._codec

    def _decompress(self, codec: Codec, size: int) -> bytes:
        """Some output of the member; none if it needs more input, if it ends, or if it is damaged."""
        data = b""
        if codec.needs_input:
            self._given = self._place()
            data = self._pending[self._at : self._at + PIECES.get(self.kind, PIECE)]
            self._at += len(data)
        try:
            output = codec.decompress(data, size)
        except Exception as error:  # Each codec has exceptions of its own, and they have no base in common.
            place = f"near compressed offset {self._given}"
            said = f"the {self.kind} data are damaged {place} ({error}): what precedes was read"
            self._problem = SourceProblem(self.path, self._given, said, "copy the file once more", ERROR)
            return b""
        if codec.eof:
            self._at -= len(codec.unused_data or b"")
            self._codec = None
        return output

    def ended(self) -> bool:
        """See `Reader.ended`."""
        return self._problem is not None or self._source.ended()

    def incomplete(self) -> SourceProblem | None:
        """See `Reader.incomplete`."""
        if self._problem is not None:
            return self._problem
        end = self._consumed
        if self._codec is not None or self._skip or not self._members:
            said = f"the {self.kind} data are cut short after {end} compressed bytes: what precedes was read"
            return SourceProblem(self.path, end, said, "copy the file once more", ERROR)
        stray = len(self._pending) - self._at
        if stray:
            said = f"after the {self.kind} data {stray} stray bytes follow: ignored"
            return SourceProblem(self.path, end - stray, said, "", WARNING)
        return self._source.incomplete()

    def close(self) -> None:
        """See `Reader.close`."""
        self._source.close()
