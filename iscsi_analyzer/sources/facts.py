"""What is known about the input files and their interfaces, for reports and for the user. Data only; reads nothing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class PacketComment:
    """A comment that somebody attached to a frame of a pcapng file."""

    frame: int
    "Number of the frame within its file, counted from 1."
    position: int
    "Position of the frame's first captured byte, as the frame sink got it."
    text: str


@dataclass(slots=True)
class InterfaceFacts:
    """One interface that frames were captured on. A pcap file has exactly one."""

    number: int = -1
    "Running number over all files: what `FrameSink.frame` gets."
    linktype: int = 0
    "LINKTYPE number of its frames."
    snaplen: int = 0
    "Most bytes that were captured of a frame; 0 if there was no limit."
    name: str = ""
    description: str = ""
    filter: str = ""
    "Capture filter that was in force."
    os: str = ""
    hardware: str = ""
    resolution: str = "us"
    "Unit of the time stamps: `s`, `ms`, `us`, `ns`, or a power such as `10^-12 s` or `2^-20 s`."
    offset_seconds: int = 0
    "Seconds that the file adds to each of the interface's time stamps."
    received: int | None = None
    "Frames that the interface saw (isb_ifrecv); None if the file does not say."
    dropped_interface: int | None = None
    "Frames that were lost by the interface (isb_ifdrop); None if the file does not say."
    dropped_os: int | None = None
    "Frames that were lost by the operating system (isb_osdrop)."
    filter_accepted: int | None = None
    "Frames that passed the capture filter (isb_filteraccept)."
    dropped_noted: int = 0
    "Frames that the records of other frames say were lost before them."
    delivered: int | None = None
    "Frames that were given to the capturing program (isb_usrdeliv)."
    start_ns: int | None = None
    "Start of the capture on this interface, ns since 1970 (isb_starttime)."
    end_ns: int | None = None
    "End of the capture on this interface, ns since 1970 (isb_endtime)."
    comments: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FileFacts:
    """One input file. Numbers grow while it is read."""

    path: str
    "As the user named it; `-` is the standard input."
    index: int = 0
    "The file index in the positions of its frames."
    format: str = ""
    "`pcap` or `pcapng`; empty as long as it is not known."
    variant: str = ""
    "More about the format: version, or which of the pcap dialects."
    compression: str = ""
    "`gzip`, `zstd`, `xz`, `lz4`, `bzip2`, a pair such as `gzip in zstd`, or empty."
    byte_order: str = ""
    "`little`, `big`, or `mixed` when sections of a pcapng file differ."
    size: int | None = None
    "Bytes on disk (compressed, if it is); None for the standard input."
    frames: int = 0
    captured_bytes: int = 0
    "Sum of the captured lengths of the frames."
    first_ns: int | None = None
    "Earliest time stamp, ns since 1970; None as long as there is no frame."
    last_ns: int | None = None
    "Latest time stamp."
    interfaces: list[InterfaceFacts] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    "Comments on the file as a whole."
    packet_comments: list[PacketComment] = field(default_factory=list)
    hardware: str = ""
    os: str = ""
    application: str = ""
    "Program that wrote the file."

    @property
    def linktypes(self) -> list[int]:
        """LINKTYPE numbers in the file, each once."""
        return sorted({interface.linktype for interface in self.interfaces})

    @property
    def resolutions(self) -> list[str]:
        """Units of the time stamps in the file, each once."""
        return sorted({interface.resolution for interface in self.interfaces})

    @property
    def snaplen(self) -> int:
        """Smallest snap length of its interfaces in bytes; 0 if none has a limit."""
        limits = [interface.snaplen for interface in self.interfaces if interface.snaplen]
        return min(limits) if limits else 0
