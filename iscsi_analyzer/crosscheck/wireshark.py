"""What Wireshark's dissectors say of a capture, PDU by PDU, as fields with their printed values: an opinion that is not
ours, by way of tshark and pyshark (extra `wireshark`).

Frames come one after the other, so memory does not grow with the capture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from subprocess import DEVNULL, PIPE, Popen, SubprocessError, run
from tempfile import TemporaryFile
from typing import Any, Final, NamedTuple

PREFERENCES: Final = {"tcp.reassemble_out_of_order": "TRUE", "iscsi.bogus_pdu_max_data_len": "16777216"}
"Wireshark at its best."
LAYERS: Final = "frame iscsi iscsi.flags scsi"
BESIDE: Final = ("iscsi.flags", "iscsi.flags_tree", "scsi")
"Layers that stand beside the PDUs."
MOST_PORTS: Final = 256
"Ports that are told to Wireshark, at most."

Values = dict[str, list[str]]
"Field name -> what is printed for each occurrence."


class Unavailable(Exception):
    """Wireshark cannot be asked; the message says what is missing, and what brings it."""


class Frame(NamedTuple):
    """A frame in which Wireshark shows PDUs."""

    number: int
    pdus: list[Values]
    """The fields of each PDU that the frame completes, in order. SCSI fields, and some flags, stand beside the PDUs and
    cannot be told apart: those of a frame are all with its first PDU."""


class Failed(Exception):
    """tshark did not do its work to the end; the message says what it said."""


def tshark() -> str:
    """The path of tshark, as pyshark finds it. Raises Unavailable without either of them."""
    if find_spec("pyshark") is None:
        raise Unavailable(
            "pyshark is not installed\n(pip install 'iscsi-analyzer[wireshark]', or pipx inject iscsi-analyzer pyshark)"
        )
    from pyshark.tshark.tshark import TSharkNotFoundException, get_process_path

    try:
        return str(get_process_path())
    except TSharkNotFoundException:
        raise Unavailable(
            "tshark is not installed, or not on PATH\n"
            "(Debian, Ubuntu: apt-get install tshark; Fedora: dnf install wireshark-cli; macOS: brew install wireshark)"
        ) from None


@cache
def version() -> str:
    """The version of tshark: `4.0.17`. Raises Unavailable or Failed."""
    return next((word.rstrip(".") for word in _output("--version").split() if word[:1].isdigit()), "unknown")


@cache
def formats() -> dict[str, tuple[str, str]]:
    """Every field of iSCSI and SCSI that the installed tshark knows -> Wireshark's type and base. Raises Unavailable or
    Failed."""
    lines = _output("-G", "fields").splitlines()
    rows = [line.split("\t", 6) for line in lines if "\tiscsi." in line or "\tscsi" in line]
    return {row[2]: (row[3], row[5]) for row in rows if row[0] == "F"}


def frames(path: str, ports: Iterable[int] = ()) -> Iterator[Frame]:
    """The frames of a capture file in which Wireshark shows PDUs, in order. iSCSI is expected on `ports`, too. Raises
    Unavailable, or Failed when all frames have been given that there are."""
    from pyshark.tshark.output_parser.tshark_json import packet_from_json_packet

    words = [tshark(), "-n", "-r", path, "-Y", "iscsi", "-T", "json", "--no-duplicate-keys", "-J", LAYERS]
    for name, value in PREFERENCES.items():
        words += ["-o", f"{name}:{value}"]
    for port in list(dict.fromkeys(ports))[:MOST_PORTS]:
        words += ["-d", f"tcp.port=={port},iscsi"]
    with TemporaryFile() as said, Popen(words, stdin=DEVNULL, stdout=PIPE, stderr=said) as process:
        try:
            assert process.stdout is not None
            for text in packets(process.stdout):
                # tshark itself makes lists of what has one name, so no key comes twice.
                found = _frame(packet_from_json_packet(text, deduplicate_fields=False))
                if found.pdus:
                    yield found
            if process.wait():
                said.seek(0)
                raise Failed(_last_line(said.read()) or f"exit code {process.returncode}")
        finally:
            process.kill()


def packets(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The objects of tshark's array, from its lines: each begins and ends with two spaces and a brace."""
    lines: list[bytes] = []
    for line in stream:
        end = line.rstrip(b"\r\n")
        if end == b"  {":
            lines = [b"{"]
        elif end in (b"  }", b"  },"):
            yield b"".join([*lines, b"}"])
            lines = []
        elif lines:
            lines.append(line)


def _frame(packet: Any) -> Frame:
    found: list[Values] = []
    beside: dict[str, list[Any]] = {}
    for layer in packet.layers:
        if layer.layer_name == "iscsi":
            found = [values_of(content) for content in _contents(layer)]
        elif layer.layer_name in BESIDE:
            beside[layer.layer_name] = _contents(layer)
    if found:
        for name, values in values_of(beside).items():
            found[0].setdefault(name, []).extend(values)
    return Frame(int(packet.number), found)


def _last_line(text: bytes) -> str:
    """What tshark said last that is no remark on who runs it."""
    lines = [line.strip() for line in text.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line and not line.startswith("Running as user")), "")


def _output(*words: str) -> str:
    """What tshark prints."""
    try:
        done = run([tshark(), *words], stdin=DEVNULL, capture_output=True, timeout=120, check=True)
    except (OSError, SubprocessError) as error:
        raise Failed(f"tshark {words[0]}: {error}") from None
    return done.stdout.decode(errors="replace")


def _contents(layer: Any) -> list[Any]:
    """The content of a layer, and of those of the same name behind it."""
    # pyshark gives single fields to who knows their names; here all are wanted.
    return [getattr(each, "value", None) or each._all_fields for each in (layer, *layer.duplicate_layers)]


def values_of(layer: Any) -> Values:
    """The leaves of a layer, by name."""
    found: Values = {}
    for name, value in _leaves(layer):
        found.setdefault(name, []).append(value)
    return found


def _leaves(thing: Any) -> Iterator[tuple[str, str]]:
    if isinstance(thing, list):
        for each in thing:
            yield from _leaves(each)
    elif isinstance(thing, dict):
        for name, value in thing.items():
            if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
                yield from _leaves(value)
            else:
                for text in value if isinstance(value, list) else [value]:
                    if isinstance(text, str):
                        yield name, {"True": "1", "False": "0"}.get(text, text)
