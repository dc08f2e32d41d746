"""What kind of file is it? Decided by the first bytes, never by the name, through up to two layers of compression."""

from __future__ import annotations

import shlex
from typing import Final

from iscsi_analyzer.sources.compression import DecompressingReader, compression_of, is_skippable
from iscsi_analyzer.sources.pcap import PcapWalker
from iscsi_analyzer.sources.pcapng import PcapngWalker
from iscsi_analyzer.sources.problems import ERROR, ProblemLog, SourceError, SourceProblem
from iscsi_analyzer.sources.reading import STDIN, HandlePool, Reader, open_reader
from iscsi_analyzer.sources.sink import Interfaces, Walker

HEAD: Final = 512
"So many bytes are enough for every magic number that is known here."
LAYERS_MAX: Final = 2
"Compression within compression is unpacked so deep and no deeper."

PCAP_MAGICS: Final = frozenset(
    magic.to_bytes(4, order) for magic in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34) for order in ("little", "big")
)
PCAPNG_MAGIC: Final = b"\n\r\r\n"

CONVERT: Final = "convert it: editcap -F pcap {path} {path}.pcap"
TEXT: Final = "save the packets themselves: tshark -w FILE.pcapng, tcpdump -w FILE.pcap"

OTHERS: Final = (
    (b"snoop\0\0\0", 0, "a snoop capture (Solaris)", CONVERT),
    (b"RTSS", 0, "a Microsoft Network Monitor 1 capture", CONVERT),
    (b"GMBU", 0, "a Microsoft Network Monitor 2 capture", CONVERT),
    (b"TRSNIFF data", 0, "a Sniffer (DOS) capture", CONVERT),
    (b"XCP\0", 0, "a NetXRay or Sniffer (Windows) capture", CONVERT),
    (b"iptrace ", 0, "an iptrace capture (AIX)", CONVERT),
    (b"\xaa\xaa\xaa\xaa", 0, "a 5Views capture", CONVERT),
    (b"\x7fver", 0, "an EtherPeek or OmniPeek capture", CONVERT),
    (b"ObserverPktBuffe", 0, "an Observer capture", CONVERT),
    (b"\x1c\x00\x01\xac", 0, "an IXIA capture", CONVERT),
    (b"\xac\x01\x00\x1c", 0, "an IXIA capture", CONVERT),
    (b"\x1c\x00\x01\xab", 0, "an IXIA capture", CONVERT),
    (b"\xab\x01\x00\x1c", 0, "an IXIA capture", CONVERT),
    (b"PK\x03\x04", 0, "a zip archive", "unpack it: unzip {path}"),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7z archive", "unpack it: 7z x {path}"),
    (b"Rar!", 0, "a rar archive", "unpack it: unrar x {path}"),
    (b"\x1f\x9d", 0, "compressed with compress", "unpack it: uncompress {path}"),
    (b"\x02\x21\x4c\x18", 0, "compressed in the old lz4 format", "unpack it: lz4 -d {path}"),
    (b"ustar", 257, "a tar archive", "unpack it: tar -xf {path}"),
    (b"<?xml", 0, "XML, not a capture", TEXT),
    (b"<pdml", 0, "XML, not a capture", TEXT),
    (b"{", 0, "JSON, not a capture", TEXT),
    (b"[", 0, "JSON, not a capture", TEXT),
)
"Magic number, its offset, what has it, and what to do. Whatever `editcap` reads can be converted."


class Opening:
    """One input on its way from a path to a reader of decompressed bytes and a format."""

    def __init__(self, path: str, pool: HandlePool, reader: Reader | None = None) -> None:
        """With a `reader`, the bytes come from there. Raises SourceError if the path cannot be opened."""
        self.path = path
        self.reader: Reader = open_reader(path, pool) if reader is None else reader
        self.format = ""
        "`pcap` or `pcapng` once it is known."
        self.head = b""
        "Bytes that were read to know it: the first of the (decompressed) file."
        self._layers: list[str] = []

    @property
    def compression(self) -> str:
        """The layers of compression, innermost first."""
        return " in ".join(reversed(self._layers))

    def identify(self, final: bool) -> bool:
        """Find out the format. False if the file is too short to tell and `final` does not say that it stays so.

        Raises SourceError if it is nothing that we can read, and OSError; the file is closed then.
        """
        try:
            return self._identify(final)
        except (SourceError, OSError):
            self.reader.close()
            raise

    def _identify(self, final: bool) -> bool:
        while not self.format:
            while len(self.head) < HEAD and not self._obvious():
                data = self.reader.read(HEAD - len(self.head))
                if not data:
                    break
                self.head += data
            if len(self.head) < HEAD and not final and not self.reader.ended() and not self._obvious():
                return False
            if self.head[:4] in PCAP_MAGICS:
                self.format = "pcap"
            elif self.head[:4] == PCAPNG_MAGIC:
                self.format = "pcapng"
            else:
                self._unpack()
        return True

    def _obvious(self) -> bool:
        """Do the few bytes that a pipe or a growing file has brought already tell?"""
        magic = self.head[:4]
        return magic in PCAP_MAGICS or magic == PCAPNG_MAGIC or (len(self.head) > 8 and self._sure_compression())

    def _sure_compression(self) -> bool:
        return bool(compression_of(self.head)) and not is_skippable(self.head)

    def _unpack(self) -> None:
        """The head is no capture: put a decompressor in between, or give up."""
        kind = compression_of(self.head)
        if not kind:
            raise SourceError(self._unknown())
        if len(self._layers) == LAYERS_MAX:
            said = f"is compressed more than twice ({kind} in {self.compression})"
            raise SourceError(SourceProblem(self.path, -1, said, "decompress it first", ERROR))
        self._layers.append(kind)
        self.reader = DecompressingReader(self.path, _Pushback(self.head, self.reader), kind)
        self.head = b""

    def _unknown(self) -> SourceProblem:
        """Why the head cannot be read, as helpful as possible."""
        head = self.head
        incomplete = self.reader.incomplete()
        if incomplete is not None and not head:
            return incomplete
        inside = f" (inside {self.compression})" if self._layers else ""
        if not head:
            return SourceProblem(self.path, 0, f"the file is empty{inside}", "was the capture stopped properly?", ERROR)
        for magic, offset, name, remedy in OTHERS:
            if head[offset : offset + len(magic)] == magic:
                path = "FILE" if self.path == STDIN else shlex.quote(self.path)
                return SourceProblem(self.path, -1, f"is {name}{inside}", remedy.format(path=path), ERROR)
        if not head.strip(b"\0"):
            return SourceProblem(self.path, 0, f"nothing but zero bytes at the beginning{inside}", "", ERROR)
        shown = head[:8].hex(" ")
        said = f"is not a capture that can be read here{inside}: it begins with {shown}"
        remedy = "pcap and pcapng are, also compressed; editcap converts others"
        return SourceProblem(self.path, -1, said, remedy, ERROR)

    def walker(self, log: ProblemLog, interfaces: Interfaces) -> Walker:
        """A walker for the format that was found."""
        if self.format == "pcap":
            return PcapWalker(self.path, log, interfaces)
        return PcapngWalker(self.path, log, interfaces)


class _Pushback(Reader):
    """A reader that begins with bytes which were read already."""

    def __init__(self, head: bytes, reader: Reader) -> None:
        self._head = head
        self._reader = reader
        self.done = reader.done
        self.descriptor = reader.descriptor

    def read(self, size: int) -> bytes:
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
            return data
        data = self._reader.read(size)
        self.done = self._reader.done
        return data

    def ended(self) -> bool:
        return not self._head and self._reader.ended()

    def incomplete(self) -> SourceProblem | None:
        return self._reader.incomplete()

    def close(self) -> None:
        self._reader.close()
