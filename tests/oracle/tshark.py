"""What tshark's dissectors say of a capture, PDU by PDU, as fields with their printed values. An opinion that is not
ours."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.programs import run
from tests.support.samples import port_options

PREFERENCES = ("tcp.reassemble_out_of_order:TRUE", "iscsi.bogus_pdu_max_data_len:16777216")
"tshark at its best."

Values = dict[str, list[str]]
"Field name -> what is printed for each occurrence."


def plain_file(capture: Path, directory: Path) -> Path:
    """The capture as a file that tshark reads: decompressed, if it is compressed with zstd."""
    if capture.suffix != ".zst":
        return capture
    target = directory / capture.stem
    run("zstd", "-dqf", "--long=27", str(capture), "-o", str(target))
    return target


def pdus(capture: Path, ports: list[int]) -> dict[int, list[Values]]:
    """Frame number -> the fields of each PDU that the frame completes, in order, by tshark's iSCSI dissector.

    SCSI fields, and some flags, stand beside the iSCSI layers and cannot be told apart by PDU: those of a frame are all
    with its first PDU.
    """
    words = [
        "-n",
        "-r",
        str(capture),
        "-Y",
        "iscsi",
        "-T",
        "json",
        "-J",
        "frame iscsi iscsi.flags scsi",
        "--no-duplicate-keys",
    ]
    for preference in PREFERENCES:
        words += ["-o", preference]
    text = _tshark(*words, *port_options(ports))
    found: dict[int, list[Values]] = {}
    for packet in json.loads(text or "[]"):
        layers = packet["_source"]["layers"]
        frame = int(layers["frame"]["frame.number"])
        found[frame] = [_values(layer) for layer in _listed(layers["iscsi"])]
        loose = {name: layer for name, layer in layers.items() if name in ("iscsi.flags", "iscsi.flags_tree", "scsi")}
        for name, values in _values(loose).items():
            found[frame][0].setdefault(name, []).extend(values)
    return found


def names() -> set[str]:
    """Every field name that the installed tshark knows."""
    return set(formats())


@cache
def formats() -> dict[str, tuple[str, str]]:
    """Field name -> Wireshark's type and base."""
    rows = [line.split("\t") for line in _tshark("-G", "fields").splitlines()]
    return {row[2]: (row[3], row[5]) for row in rows if row[0] == "F"}


def _tshark(*words: str) -> str:
    """Its standard output; what it says on stderr (that it runs as root, say) is not of interest."""
    done = subprocess.run(["tshark", *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=True)
    return done.stdout.decode(errors="replace")


def _listed(layer: Any) -> list[Any]:
    return layer if isinstance(layer, list) else [layer]


def _values(layer: Any) -> Values:
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
                for text in _listed(value):
                    if isinstance(text, str):
                        yield name, {"True": "1", "False": "0"}.get(text, text)
