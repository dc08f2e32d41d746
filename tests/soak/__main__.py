"""`python -m tests.soak --minutes 60`: mixed real traffic of real peers, captured and judged round by round.

Exit code 0 if every error and warning that was found is argued in `argued.json`, 1 if not; the captures with the others
are kept.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from tests.soak.acts import ACTS, PROGRAMS
from tests.soak.judge import Judgement
from tests.soak.stage import Stage
from tests.support.capturing import Capturing
from tests.support.programs import PeerError
from tests.support.tools import which

ROUND = 60.0
"Seconds that go into one capture."
AT_ONCE = 3
"Initiators at work at the same time."


class Round:
    """One capture full of acts."""

    def __init__(self, stage: Stage, seed: int, seconds: float) -> None:
        self._stage = stage
        self._seed = seed
        self._end = time.monotonic() + seconds
        self.acts: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    def run(self) -> None:
        """Returns when the time is up and everybody has finished."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(self._work, Random(f"{self._seed} {each}")) for each in range(AT_ONCE)]:
                done.result()

    def _work(self, random: Random) -> None:
        weights = [each.weight for each in ACTS]
        while time.monotonic() < self._end:
            act = random.choices(ACTS, weights)[0].act
            name = getattr(act, "__name__", "?")
            self.acts[name] += 1
            try:
                act(self._stage, random)
            except (PeerError, OSError) as error:
                self.failures[f"{name}: {type(error).__name__}"] += 1


def main() -> int:
    """Runs the soak and prints its summary."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="how long peers talk, without the time to judge it (default 60)"
    )
    parser.add_argument("--seed", type=int, default=1, help="another choice of acts")
    parser.add_argument("--keep", type=Path, help="a directory in which every capture stays")
    arguments = parser.parse_args()
    missing = [name for name in PROGRAMS if which(name) is None]
    if missing:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 1
    place = arguments.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    place.mkdir(parents=True, exist_ok=True)
    judgement = Judgement()
    acts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    talked = 0.0
    with Stage() as stage:
        number = 0
        while (left := 60 * arguments.minutes - talked) > 0:
            number += 1
            begun = time.monotonic()
            capture = place / f"soak-{number:04d}.pcap"
            scene = Round(stage, arguments.seed * 100_000 + number, min(ROUND, left))
            with Capturing(capture, *stage.software, every_frame=False):
                scene.run()
            talked += time.monotonic() - begun
            acts += scene.acts
            failures += scene.failures
            pdus, unargued = judgement.pdus, judgement.add(capture, stage.software)
            print(
                f"round {number}: {scene.acts.total()} acts, {judgement.pdus - pdus:,} PDUs, "
                f"{capture.stat().st_size:,} bytes, {unargued} findings that are not argued",
                flush=True,
            )
            if not unargued and not arguments.keep:
                capture.unlink()
    print(f"{talked / 60:.1f} minutes of talk; acts: {_counted(acts)}")
    print(f"acts that ended early: {_counted(failures) or 'none'}")
    for line in judgement.lines():
        print(line)
    if judgement.unargued:
        print(f"captures with what is not argued are in {place}", file=sys.stderr)
    elif not arguments.keep:
        place.rmdir()
    return 1 if judgement.unargued else 0


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in counts.most_common())


if __name__ == "__main__":
    raise SystemExit(main())
