"""What a user may decide about a live capture. Plain data; knows neither command lines nor capture programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

AUTO: Final = "auto"
DUMPCAP: Final = "dumpcap"
TCPDUMP: Final = "tcpdump"
SOCKETS: Final = "scapy"
PROGRAMS: Final = (DUMPCAP, TCPDUMP, SOCKETS)
"What can capture, the best first."

ANY: Final = "any"
"Stands for all interfaces."

BUFFER_MIB: Final = 64
SPOOL_BYTES: Final = 1 << 30
SPOOL_FILE_BYTES: Final = 64 << 20


class LiveError(Exception):
    """A live capture cannot begin. The message has a line for what is wrong and further ones for what helps."""


@dataclass(frozen=True, slots=True)
class Ring:
    """When the capture goes on in a next file, and how many are kept. Zeros: never, and all."""

    bytes: int = 0
    seconds: int = 0
    files: int = 0

    @property
    def several(self) -> bool:
        """Whether there is more than one file."""
        return bool(self.bytes or self.seconds)


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """Settings of one live capture."""

    interfaces: tuple[str, ...]
    "Names, as the operating system has them; ANY is one."
    filter: str | None = None
    "In the language of libpcap; None: the ports of iSCSI."
    snaplen: int = 0
    "Bytes that are kept of a frame; 0: all."
    promiscuous: bool = True
    buffer_mib: int = BUFFER_MIB
    "What the kernel keeps for the capture program while that is busy."
    write: str = ""
    "Where the capture is kept; empty: in a spool directory that is removed at the end."
    ring: Ring = Ring()
    packets: int = 0
    "The capture ends after so many frames; 0: never."
    seconds: float = 0
    "Or after so long."
    capture_with: str = AUTO
    "AUTO, or one of PROGRAMS."
    learn_portals: bool = False
    "Capture also the ports of portals that targets name."
    spool_bytes: int = SPOOL_BYTES
    "Without `write`, older frames are removed from the disk when there are more bytes than that."
