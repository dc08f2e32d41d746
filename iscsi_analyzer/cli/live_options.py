"""The options of a live capture, shared by the commands that can capture, and what they come to. The letters mean what
they mean in tshark."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import options_of

if TYPE_CHECKING:
    from iscsi_analyzer.live import LiveAnalysis
    from iscsi_analyzer.sources.live.options import LiveOptions

CAPTURE_WITH = ("auto", "dumpcap", "tcpdump", "scapy")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ns|us|ms|s|min|h|d|)")
_UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "": 10**9, "min": 60 * 10**9, "h": 3600 * 10**9}
_UNITS["d"] = 24 * _UNITS["h"]
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
KILOBYTE = 1000


def add_capture_arguments(parser: argparse.ArgumentParser) -> None:
    """What is captured, how, and where it is kept."""
    group = parser.add_argument_group("live capture")
    group.add_argument(
        "-i", dest="interfaces", metavar="IFACE", action="append", default=[],
        help="capture on that interface (name, or number of -D); repeatable; any: all of them",
    )  # fmt: skip
    group.add_argument(
        "-f", dest="capture_filter", metavar="FILTER", help="capture filter of libpcap (default: the ports of iSCSI)"
    )
    group.add_argument("-s", dest="snaplen", metavar="BYTES", type=_number, default=0, help="keep so much of a frame")
    group.add_argument("-p", dest="promiscuous", action="store_false", help="no promiscuous mode")
    group.add_argument(
        "-B", dest="buffer", metavar="MIB", type=_number, default=64,
        help="buffer of the kernel (default 64): a larger one drops less",
    )  # fmt: skip
    group.add_argument("-w", dest="write", metavar="FILE", default="", help="keep the capture in FILE")
    group.add_argument(
        "-b", dest="ring", metavar="KIND:N", type=_ring, action="append", default=[],
        help="go on in a next file after filesize:KB or duration:SECONDS, and keep files:N of them; repeatable",
    )  # fmt: skip
    group.add_argument(
        "-a", dest="autostop", metavar="KIND:N", type=_autostop, action="append", default=[],
        help="end after duration:SECONDS or packets:N; repeatable",
    )  # fmt: skip
    group.add_argument(
        "--capture-with", choices=CAPTURE_WITH, default="auto", help="what captures (default: the best that may)"
    )
    group.add_argument(
        "--learn-portals", action="store_true", help="capture also the ports of portals that targets name"
    )


def live_options_of(arguments: argparse.Namespace) -> LiveOptions:
    """The live capture that the arguments ask for. Raises Stop."""
    from iscsi_analyzer.sources.live.options import LiveOptions, Ring

    ring = dict(arguments.ring)
    if ring and not ("filesize" in ring or "duration" in ring):
        raise Stop("-b files:N needs to know when to begin a next file: -b filesize:KB or -b duration:SECONDS")
    if arguments.write == "-":
        raise Stop("-w - is not possible: events go to stdout; -w FILE keeps the capture in a file")
    stop = dict(arguments.autostop)
    packets = [count for count in (stop.get("packets"), getattr(arguments, "count", None)) if count]
    return LiveOptions(
        interfaces=tuple(arguments.interfaces),
        filter=arguments.capture_filter,
        snaplen=arguments.snaplen,
        promiscuous=arguments.promiscuous,
        buffer_mib=max(1, arguments.buffer),
        write=arguments.write,
        ring=Ring(ring.get("filesize", 0) * KILOBYTE, ring.get("duration", 0), ring.get("files", 0)),
        packets=min(packets, default=0),
        seconds=stop.get("duration", 0),
        capture_with=arguments.capture_with,
        learn_portals=arguments.learn_portals,
    )


def live_analysis(arguments: argparse.Namespace, *, max_memory: int = 0) -> LiveAnalysis:
    """The analysis of the live capture that the arguments ask for, which has begun. Whoever gets it closes it: that
    ends the capture and removes what is not to be kept. Raises Stop with what is wrong and what would help."""
    from iscsi_analyzer.live import LiveAnalysis
    from iscsi_analyzer.sources.live.options import LiveError

    try:
        return LiveAnalysis(live_options_of(arguments), options_of(arguments), max_memory=max_memory)
    except LiveError as error:
        raise Stop(str(error)) from None


def interface_lines() -> list[str]:
    """The interfaces, a line each: number, name, addresses."""
    from iscsi_analyzer.export.tables import columns
    from iscsi_analyzer.sources.live.interfaces import interfaces

    rows = [
        (f"{each.number}.", each.name, "down" if each.up is False else "", ", ".join(each.addresses))
        for each in interfaces()
    ]
    return columns(rows, "rlll", indent=0, width=200)


def duration_ns(text: str) -> int:
    """Nanoseconds of `50ms`, `2s`, `1.5min`; a number alone is seconds."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration (50ms, 2s, 1min)")
    return int(float(found[1]) * _UNITS[found[2]])


def seconds(text: str) -> float:
    """Seconds of a duration of at least a tenth of one."""
    ns = duration_ns(text)
    if ns < 10**8:
        raise argparse.ArgumentTypeError(f"{text!r} is too short")
    return ns / 10**9


def byte_size(text: str) -> int:
    """Bytes of `500M`, `2GB`, `512MiB`; a number alone is megabytes."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no size (500M, 2G)")
    unit = found[2].lower() or ("m" if text.strip()[-1].isdigit() else "")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** _POWERS[unit])


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(text)


def _ring(text: str) -> tuple[str, int]:
    return _pair(text, ("filesize", "duration", "files"))


def _autostop(text: str) -> tuple[str, int]:
    return _pair(text, ("duration", "packets"))


def _pair(text: str, kinds: tuple[str, ...]) -> tuple[str, int]:
    kind, _, value = text.partition(":")
    if kind not in kinds or not value.isdecimal() or not int(value):
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(f'{each}:N' for each in kinds)}")
    return kind, int(value)
