#!/usr/bin/env python3
"""What a capture shows, by two opinions that are not ours: `expect.py FILE...` prints, `expect.py --check` compares.

One opinion is tshark's iSCSI dissector, with the preferences under which it is at its best. The other takes from tshark
only the two byte streams of each TCP connection and walks them with the 48-byte headers of RFC 7143 section 11. Neither
uses any code of the analyzer; `--check` compares both with expected.json, which the golden tests hold the analyzer to.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.support.programs import run
from tests.support.talk_pdu import crc32c

HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "expected.json"

NAMES = {
    0x00: "NOP-Out",
    0x01: "SCSI Command",
    0x02: "Task Management Request",
    0x03: "Login Request",
    0x04: "Text Request",
    0x05: "SCSI Data-Out",
    0x06: "Logout Request",
    0x10: "SNACK Request",
    0x20: "NOP-In",
    0x21: "SCSI Response",
    0x22: "Task Management Response",
    0x23: "Login Response",
    0x24: "Text Response",
    0x25: "SCSI Data-In",
    0x26: "Logout Response",
    0x31: "Ready To Transfer",
    0x32: "Asynchronous Message",
    0x3F: "Reject",
}


def tshark(capture: Path, ports: list[int], *words: str) -> list[str]:
    """The lines that tshark prints about a capture, with reassembly out of order and segments up to 16 MB."""
    options = ["-o", "tcp.reassemble_out_of_order:TRUE", "-o", "iscsi.bogus_pdu_max_data_len:16777216"]
    for port in ports:
        options += ["-d", f"tcp.port=={port},iscsi"]
    text = run("tshark", "-n", "-r", str(capture), *options, *words, timeout=300)
    return [line for line in text.splitlines() if not line.startswith("Running as user")]


def by_dissector(capture: Path, ports: list[int]) -> dict[str, int]:
    """PDUs by name as tshark's iSCSI dissector finds them."""
    count: Counter[str] = Counter()
    for line in tshark(capture, ports, "-Y", "iscsi", "-T", "fields", "-e", "iscsi.opcode"):
        opcodes = [int(text, 16) for text in line.split(",") if text]
        skip = 0
        for opcode in opcodes:
            if skip:
                skip -= 1  # the header that a Reject quotes
                continue
            count[NAMES.get(opcode, f"0x{opcode:02x}")] += 1
            skip = opcode == 0x3F
    return dict(count)


@dataclass
class Walk:
    """What a walk over the headers of all streams has found."""

    pdus: Counter[str] = field(default_factory=Counter)
    scsi_status: dict[str, Counter[str]] = field(default_factory=dict)
    login_status: Counter[str] = field(default_factory=Counter)
    digests: dict[str, Counter[str]] = field(default_factory=lambda: {"header": Counter(), "data": Counter()})
    tmf: Counter[str] = field(default_factory=Counter)
    tmf_response: Counter[str] = field(default_factory=Counter)
    reject: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    silent: int = 0
    "TCP connections without a byte of data."
    lost: list[str] = field(default_factory=list)
    "Where the walk had to stop: bytes that are no PDU, or half of one."

    def entry(self) -> dict[str, object]:
        """As it stands in expected.json."""
        out: dict[str, object] = {
            "connections": self.connections,
            "total": sum(self.pdus.values()),
            "pdus": {name: self.pdus[name] for name in NAMES.values() if name in self.pdus},
            "scsi_status": {name: dict(sorted(count.items())) for name, count in sorted(self.scsi_status.items())},
            "login_status": dict(sorted(self.login_status.items())),
            "header_digest": {word: self.digests["header"][word] for word in ("ok", "bad")},
            "data_digest": {word: self.digests["data"][word] for word in ("ok", "bad")},
        }
        if self.silent:
            out["silent"] = self.silent
        more = (("task_management", self.tmf), ("task_management_response", self.tmf_response), ("reject", self.reject))
        return out | {name: dict(sorted(count.items())) for name, count in more if count}

    def stream(self, data: bytes, agreed: tuple[bool, bool], where: str) -> None:
        """Walks one direction of one connection."""
        at = 0
        while at < len(data):
            head = data[at : at + 48]
            opcode, length = head[0] & 0x3F, int.from_bytes(head[5:8], "big")
            header_digest, data_digest = agreed if opcode not in (0x03, 0x23) else (False, False)
            start = at + 48 + head[4] * 4 if len(head) == 48 else len(data) + 1
            body = start + 4 * header_digest
            end = body + (length + 3 & ~3)
            if opcode not in NAMES or end + 4 * (data_digest and length > 0) > len(data):
                self.lost.append(f"{where}: at {at} of {len(data)} bytes: {head.hex()}")
                return
            self._pdu(opcode, head)
            if header_digest:
                self._digest("header", data[at:start], data[start:body])
            if data_digest and length:
                self._digest("data", data[body:end], data[end : end + 4])
                end += 4
            at = end

    def _digest(self, part: str, covered: bytes, stated: bytes) -> None:
        self.digests[part]["ok" if crc32c(covered).to_bytes(4, "little") == stated else "bad"] += 1

    def _pdu(self, opcode: int, head: bytes) -> None:
        name = NAMES[opcode]
        self.pdus[name] += 1
        if (opcode == 0x21 and head[2] == 0) or (opcode == 0x25 and head[1] & 1):
            self.scsi_status.setdefault(name, Counter())[f"0x{head[3]:02x}"] += 1
        elif opcode == 0x23:
            self.login_status[f"0x{head[36]:02x}{head[37]:02x}"] += 1
        elif opcode == 0x02:
            self.tmf[str(head[1] & 0x7F)] += 1
        elif opcode == 0x22:
            self.tmf_response[str(head[2])] += 1
        elif opcode == 0x3F:
            self.reject[f"0x{head[2]:02x}"] += 1


def streams(capture: Path, ports: list[int]) -> Iterator[tuple[str, bytes, bytes]]:
    """For each TCP connection its name, the initiator's bytes and the target's, as tshark puts them together."""
    numbers = sorted({int(line) for line in tshark(capture, ports, "-T", "fields", "-e", "tcp.stream") if line})
    words = [word for number in numbers for word in ("-z", f"follow,tcp,raw,{number}")]
    name = ""
    nodes: list[str] = []
    data = [bytearray(), bytearray()]
    for line in tshark(capture, ports, "-q", *words) if numbers else []:
        if line.startswith("Filter: "):
            name = line.removeprefix("Filter: tcp.stream eq ")
            nodes, data = [], [bytearray(), bytearray()]
        elif line.startswith("Node "):
            nodes.append(line.split(": ", 1)[1])
        elif line.startswith("===") and name:
            target = next((n for n, node in enumerate(nodes) if int(node.rpartition(":")[2]) in ports), 1)
            yield f"stream {name}", bytes(data[1 - target]), bytes(data[target])
            name = ""
        elif name:
            data[line[0] == "\t"] += bytes.fromhex(line.strip())


def by_walk(capture: Path, ports: list[int]) -> Walk:
    """What the headers say, one after the other."""
    walk = Walk()
    for name, from_initiator, from_target in streams(capture, ports):
        if not from_initiator and not from_target:
            walk.silent += 1
            continue
        walk.connections += 1
        agreed = (b"HeaderDigest=CRC32C\0" in from_target[:4096], b"DataDigest=CRC32C\0" in from_target[:4096])
        walk.stream(from_initiator, agreed, f"{name} I2T")
        walk.stream(from_target, agreed, f"{name} T2I")
    return walk


def frames(capture: Path) -> int:
    """Frames in the capture."""
    return len(tshark(capture, [], "-T", "fields", "-e", "frame.number"))


def check(names: list[str]) -> int:
    """Compares both opinions with expected.json, says every difference, returns how many have no explanation."""
    expected = json.loads(EXPECTED.read_text())["samples"]
    wrong = 0
    for name, entry in expected.items():
        if names and name not in names:
            continue
        walk = by_walk(HERE / name, entry["ports"])
        seen = {"frames": frames(HERE / name), **walk.entry()}
        differences = [f"{key}: {value} here" for key, value in seen.items() if key in entry and entry[key] != value]
        differences += [f"walk lost {where}" for where in walk.lost]
        dissected = by_dissector(HERE / name, entry["ports"])
        if dissected != entry["pdus"]:
            differences.append(f"tshark's dissector: {sum(dissected.values())} of {entry['total']}: {dissected}")
        known = "tshark" in entry or not entry["exact"]
        wrong += bool(differences) and not known
        print(f"{name}: {'agreed' if not differences else 'KNOWN' if known else 'DIFFERS'}", flush=True)
        for difference in differences:
            print("   ", difference)
    return wrong


def main() -> int:
    """The command; returns its exit code: 0, or 1 when something differs without an explanation."""
    parser = argparse.ArgumentParser(description="What captures show, by two independent opinions.")
    parser.add_argument("files", nargs="*", type=Path, help="captures to describe; with --check names of samples (all)")
    parser.add_argument("--check", action="store_true", help="compare the samples with expected.json")
    parser.add_argument("--port", type=int, action="append", help="the target's port (default 3260)")
    options = parser.parse_args()
    if options.check:
        return 1 if check([path.name for path in options.files]) else 0
    for path in options.files:
        ports = options.port or [3260]
        walk = by_walk(path, ports)
        for where in walk.lost:
            print(f"{path.name}: {where}", file=sys.stderr)
        entry = {"frames": frames(path), "ports": ports, **walk.entry(), "gaps": 0, "exact": True, "shows": ""}
        print(json.dumps({path.name: entry}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
