#!/usr/bin/env python3
"""Makes captures of real iSCSI peers on loopback: `make.py --list`, `make.py NAME... --out DIR`, `make.py --all ...`.

Needs the programs that each scenario names, and root (or a tcpdump with the capability to capture). What is missing is
said on stderr, with the Debian package that brings it; the exit code is then 1. A capture above 4 KB is compressed.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from samples.making import data, login, trouble
from samples.making.stage import Scenario, Stage
from tests.support.programs import PeerError, run
from tests.support.tools import CAPTURING, missing

SCENARIOS: tuple[Scenario, ...] = (*login.SCENARIOS, *data.SCENARIOS, *trouble.SCENARIOS)

PLAIN_LIMIT = 4096
"Bytes up to which a capture stays uncompressed."


def make(scenario: Scenario, out: Path, port: int) -> Path:
    """Lets a scenario happen and returns its capture; PeerError when a program does not do its part."""
    raw = out / f"{scenario.name}.pcap"
    packed = raw.with_name(raw.name + ".zst")
    for old in (raw, packed):
        old.unlink(missing_ok=True)
    scenario.act(Stage(raw, port))
    if raw.stat().st_size <= PLAIN_LIMIT:
        return raw
    run("zstd", "-q", "--rm", "-19", "--long=27", str(raw), timeout=120)
    return packed


def main(argv: list[str] | None = None) -> int:
    """The command; returns its exit code: 0, or 1 when something is missing or failed."""
    parser = argparse.ArgumentParser(description="Captures of real iSCSI peers on loopback.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenarios to run, or the first letters of some")
    parser.add_argument("--all", action="store_true", help="run every scenario whose capture is kept in samples/")
    parser.add_argument("--list", action="store_true", help="say what there is, and what each lacks here")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the captures go")
    parser.add_argument(
        "--port", type=int, default=3260, help="the target's port, 0 for any free one (default %(default)s)"
    )
    options = parser.parse_args(argv)
    if options.list:
        for scenario in SCENARIOS:
            lacks = missing(*scenario.needs)
            print(f"{scenario.name:42}{scenario.shows}{'  [needs ' + '; '.join(lacks) + ']' if lacks else ''}")
        return 0
    chosen = [
        s for s in SCENARIOS if (options.all and s.kept) or any(s.name.startswith(name) for name in options.names)
    ]
    if not chosen or options.out is None:
        parser.error("nothing to do: give names that --list knows, or --all; and --out DIR")
    options.out.mkdir(parents=True, exist_ok=True)
    return max([_make_and_say(scenario, options.out, options.port) for scenario in chosen])


def _make_and_say(scenario: Scenario, out: Path, port: int) -> int:
    if lacks := missing("zstd", CAPTURING, *scenario.needs):
        print(f"{scenario.name}: missing {'; '.join(lacks)}", file=sys.stderr)
        return 1
    try:
        capture = make(scenario, out, port)
    except (PeerError, OSError) as problem:
        print(f"{scenario.name}: {problem}", file=sys.stderr)
        return 1
    print(f"{capture}  {capture.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    # Ended from outside, the targets and captures that are running have to end, too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main())
