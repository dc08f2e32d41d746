"""The seeded wire mangler: `lossless(seed)` and `lossy(seed)` make a `Mangle`, which turns frames into frames.

    mangle = lossless(7)
    capture = to_pcap(mangle(talk.frames))      # a failing test shows `mangle`: its seed and its steps

The single steps are in `mangle_whole` (no byte is lost) and `mangle_loss`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from zlib import crc32

from tests.support import mangle_loss, mangle_whole
from tests.support.mangle_whole import Frames
from tests.support.talk_capture import ETHERNET, RAW, SLL, SLL2, Frame
from tests.support.talk_pdu import I2T, T2I

Step = Callable[[Sequence[Frame], Random], Frames]


def _links(frames: Sequence[Frame], random: Random) -> Frames:
    return mangle_whole.encapsulate(frames, random.choice((RAW, SLL, SLL2)))


def _vlans(frames: Sequence[Frame], random: Random) -> Frames:
    tags = tuple(random.randint(1, 4094) for _ in range(random.randint(1, 2)))
    return mangle_whole.encapsulate(frames, ETHERNET, tags)


LOSSLESS: dict[str, Step] = {
    "shift": mangle_whole.shift,
    "merge": mangle_whole.merge,
    "split": mangle_whole.split,
    "overlap": mangle_whole.overlap,
    "retransmit": mangle_whole.retransmit,
    "keep_alive": mangle_whole.keep_alive,
    "reorder": mangle_whole.reorder,
    "duplicate": mangle_whole.duplicate,
    "offload": mangle_whole.offload,
    "fragment": mangle_whole.fragment,
    "pad": mangle_whole.pad,
    "vlans": _vlans,
    "links": _links,
}
"Steps that lose nothing, in the order in which they can follow each other."

LOSSY: dict[str, Step] = {
    "cut_start": lambda frames, random: mangle_loss.cut_start(frames, random.randint(1, max(1, len(frames) // 3))),
    "cut_end": lambda frames, random: mangle_loss.cut_end(frames, random.randint(1, max(1, len(frames) // 3))),
    "cut_middle": mangle_loss.cut_middle,
    "drop": mangle_loss.drop,
    "corrupt": mangle_loss.corrupt,
    "one_direction": lambda frames, random: mangle_loss.one_direction(frames, random.choice((I2T, T2I))),
    "snap": lambda frames, random: mangle_loss.snap(frames, random.randint(54, 200)),
}
"Steps that lose or spoil bytes, in the order in which they can follow each other."


@dataclass(frozen=True)
class Mangle:
    """Steps with their randomness: the same frames always become the same frames."""

    seed: int
    steps: tuple[str, ...]

    def __call__(self, frames: Sequence[Frame]) -> Frames:
        out = list(frames)
        for step in self.steps:
            # Each step has randomness of its own, so that leaving one out leaves the others as they were.
            if out:
                out = (LOSSLESS.get(step) or LOSSY[step])(out, Random(f"{self.seed} {step}"))
        return out


def _chosen(random: Random, steps: Iterable[str], most: int) -> tuple[str, ...]:
    steps = list(steps)
    some = set(random.sample(steps, random.randint(1, min(most, len(steps)))))
    return tuple(step for step in steps if step in some)


def seed_of(name: str, number: int) -> int:
    """A seed that belongs to a name and to nothing else: whatever comes beside it changes nothing."""
    return crc32(f"{name} {number}".encode())


def lossless(seed: int, *, without: Iterable[str] = (), most: int = 5) -> Mangle:
    """One to `most` of the steps that lose nothing."""
    barred = set(without)
    return Mangle(seed, _chosen(Random(seed), (step for step in LOSSLESS if step not in barred), most))


def lossy(seed: int, *, without: Iterable[str] = (), most: int = 2, harmless: int = 2) -> Mangle:
    """Up to `harmless` steps that lose nothing, then one to `most` that lose something."""
    barred = set(without)
    random = Random(seed)
    # Loss comes to plain segments: what hides them from the lossy steps is left out.
    whole = [step for step in LOSSLESS if step not in {*barred, "fragment", "links", "vlans"}]
    some = set(random.sample(whole, random.randint(0, min(harmless, len(whole)))))
    before = tuple(step for step in whole if step in some)
    return Mangle(seed, before + _chosen(random, (step for step in LOSSY if step not in barred), most))
