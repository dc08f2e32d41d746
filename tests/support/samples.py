"""The captures in samples/ and what expected.json says of them, for every test that runs over real traffic."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from samples.expect import NAMES

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"

SUFFIXES = (".pcap", ".pcapng", ".pcap.zst", ".pcapng.zst", ".pcap.gz")


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SAMPLES / "expected.json").read_text())
    return document


def captures() -> list[Path]:
    """Every capture in samples/, by name."""
    return sorted(path for path in SAMPLES.iterdir() if path.name.endswith(SUFFIXES))


def sample(name: str) -> Path:
    """The capture with that name, without the ending of a file."""
    [found] = [path for path in captures() if path.name.partition(".")[0] == name]
    return found


def expected() -> dict[str, dict[str, Any]]:
    """File name -> what it must show; samples/README.md says what the entries mean."""
    samples: dict[str, dict[str, Any]] = _document()["samples"]
    return samples


def together() -> list[dict[str, Any]]:
    """What several files read as one capture must show; `files` names them in order."""
    groups: list[dict[str, Any]] = _document()["together"]
    return groups


def by_opcode(entry: dict[str, Any]) -> dict[int, int]:
    """The `pdus` of an entry by opcode instead of by name."""
    return {opcode: entry["pdus"][name] for opcode, name in NAMES.items() if name in entry["pdus"]}


def port_options(ports: list[int]) -> list[str]:
    """The `-d` options that both tshark and the analyzer need for targets on unusual ports."""
    return [word for port in ports if port != 3260 for word in ("-d", f"tcp.port=={port},iscsi")]
