"""Large captures for measurements: `python -m tests.benchmarks.generate reads4k --bytes 1G -o FILE`.

A handshake and a login, then a steady load with its queue full, then what is open is answered and both sides log out.
Everything in the file is right: numbers, acknowledgements, digests, checksums. The same arguments make the same file.
Prints what it holds as JSON.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.benchmarks.replicate import Format, Template
from tests.benchmarks.steady import SEGMENTATIONS, Scenario, Steady

CHUNK = 64 << 20
"Bytes that are made at a time."

SCENARIOS = {
    "reads4k": Scenario(length=4096, depth=32, period=128, ack_every=(3, 0)),
    "reads256k": Scenario(length=262144, depth=8, period=2),
    "writes256k": Scenario(write=True, length=262144, depth=8, period=2),
}
"""4 KiB reads, five packets each: a command, three segments of Data-In, an acknowledgement. Large reads and writes: 64
KiB PDUs."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a generated capture holds."""

    bytes: int
    packets: int
    pdus: int
    tasks: int


def generate(path: str | Path, scenario: Scenario, size: int, fmt: Format | None = None) -> Made:
    """Write a capture of about `size` bytes."""
    fmt = fmt or Format()
    steady = Steady(scenario)
    steady.begin()
    wire = steady.wire
    first = steady.period()
    state = steady.state()
    second = steady.period()
    template = Template(
        fmt,
        [wire.frames[first[0] : first[1]], wire.frames[second[0] : second[1]]],
        [wire.pdus[first[2] : first[3]], wire.pdus[second[2] : second[3]]],
        first[0],
    )
    start = [fmt.record(frame) for frame in wire.frames[: first[0]]]
    row = len(template.bytes)
    periods = max(2, -(-(size - sum(map(len, start))) // row))
    steady.leap(state, periods - 2)
    steady.end()
    with open(path, "wb") as file:
        file.write(fmt.head())
        file.writelines(start)
        step = max(1, CHUNK // row)
        for begin in range(0, periods, step):
            file.write(template.render(begin, min(begin + step, periods)).data)
        file.writelines(fmt.record(frame) for frame in wire.frames[second[1] :])
        written = file.tell()
    outside = len(wire.frames) - 2 * template.frames, len(wire.pdus) - 2 * template.pdus
    # Two periods more were spoken before the first.
    tasks = scenario.connections * (scenario.depth + scenario.period * (periods + 2))
    return Made(written, outside[0] + periods * template.frames, outside[1] + periods * template.pdus, tasks)


def parse_size(text: str) -> int:
    """`1G`, `500M`, `64K` (powers of 1000) or plain bytes."""
    units = {"K": 10**3, "M": 10**6, "G": 10**9}
    return int(float(text[:-1]) * units[text[-1].upper()]) if text[-1:].upper() in units else int(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.generate", description=__doc__)
    parser.add_argument("scenario", choices=SCENARIOS)
    parser.add_argument("-o", "--output", required=True, help="file to write; .pcapng is written as pcapng")
    parser.add_argument("--bytes", type=parse_size, default="1G", help="size of the file (default 1G)")
    parser.add_argument("--nanosecond", action="store_true", help="times in nanoseconds")
    parser.add_argument("--header-digest", action="store_true")
    parser.add_argument("--data-digest", action="store_true")
    parser.add_argument("--segmentation", choices=SEGMENTATIONS)
    parser.add_argument("--length", type=int, help="bytes of a task")
    parser.add_argument("--depth", type=int, help="tasks open at a time on a connection")
    parser.add_argument("--connections", type=int, help="TCP connections, each a session of its own")
    parser.add_argument("--period", type=int, help="tasks of a connection in a millisecond")
    parser.add_argument("--max-recv-data-segment-length", type=int, help="largest data segment, as 8192 or 65536")
    parser.add_argument("--max-burst-length", type=int, help="data of one R2T, or of one sequence of Data-In")
    parser.add_argument("--immediate-data", action="store_true", help="writes with immediate data")
    parser.add_argument(
        "--no-initial-r2t", dest="initial_r2t", action="store_false", help="writes with unsolicited data"
    )
    parser.add_argument(
        "--status-apart", dest="status_in_data", action="store_false", help="reads end with a SCSI Response"
    )
    options = parser.parse_args(arguments)
    names = asdict(Scenario()).keys() & vars(options).keys()
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    scenario = replace(SCENARIOS[options.scenario], **given)
    fmt = Format(options.output.endswith(".pcapng"), options.nanosecond)
    print(json.dumps(asdict(generate(options.output, scenario, options.bytes, fmt))))


if __name__ == "__main__":
    main()
