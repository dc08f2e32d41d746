"""What a user may decide about an analysis. Plain data; knows nothing of command lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iscsi_analyzer.rules.selection import Selection
from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN

if TYPE_CHECKING:
    from iscsi_analyzer.rules.plugin import Plugin

DEFAULT_PORTS = (3260, 860)
"The ports of iSCSI (RFC 7143 section 4.2.7 names 3260, IANA also keeps 860)."

DIGESTS = {"auto": (UNKNOWN, UNKNOWN), "none": (OFF, OFF), "header": (ON, OFF), "data": (OFF, ON), "both": (ON, ON)}
"The choices of `--digests`: header and data digest."


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of one analysis."""

    ports: tuple[int, ...] = DEFAULT_PORTS
    "Ports on which iSCSI is expected; elsewhere it has to show itself."
    digests: str = "auto"
    "A key of DIGESTS: what the login negotiates or the bytes show (`auto`), or the user's word."
    verify_data_digests: bool = True
    "Compute the CRC32C of every data segment that carries a digest."
    verify_checksums: bool = False
    "Compute TCP checksums; segments with a wrong one are not used."

    judge: bool = True
    "Judge the conversation by the rules."
    selection: Selection = field(default_factory=Selection)
    "Which of the rules count, and how much."
    plugins: tuple[Plugin, ...] | None = None
    "Plug-ins with further rules; None: those of the installed packages."

    def __post_init__(self) -> None:
        """Raises ValueError for a word that is no key of DIGESTS."""
        if self.digests not in DIGESTS:
            raise ValueError(f"digests is {self.digests!r}; it must be one of {', '.join(DIGESTS)}")

    @property
    def header_digest(self) -> int:
        return DIGESTS[self.digests][0]

    @property
    def data_digest(self) -> int:
        return DIGESTS[self.digests][1]
