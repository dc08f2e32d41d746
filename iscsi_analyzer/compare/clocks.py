"""How far the clocks of two captures are apart, told from traffic in both directions as NTP does (RFC 5905 section 8).

What goes from A to B arrives by B's clock at least the offset later than it left by A's; what comes back, at most the
offset earlier. So the quickest segment of each direction bounds the offset from both sides. The middle is the estimate,
and half the distance what it may be wrong by: nobody can see from captures how the two ways share it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from iscsi_analyzer.store.columns import Numbers

WINDOWS: Final = 128
"Parts of the time in which the quickest segments are looked for, to see a drift."
_IN_WINDOW: Final = 8
"Segments of each direction that a window needs."
_FEW: Final = 8
"Windows that show a drift at least."
_SLOPE_MAX: Final = 1e-3
"Clocks that differ more are no clocks (1000 ppm)."
_LONG_NS: Final = 1_000_000_000
"Time over which a drift is looked for at least."


class Samples(NamedTuple):
    """Times at which the same segments were captured, in ns since 1970."""

    a: Numbers
    b: Numbers

    @property
    def apart(self) -> Numbers:
        """How much later by B's clock."""
        return self.b - self.a


class Clock(NamedTuple):
    """The relation of two clocks."""

    offset_ns: int
    "What B's clock shows more than A's at `since_ns`."
    drift: float
    "What B's clock gains per nanosecond of A's."
    since_ns: int
    "By A's clock."
    uncertainty_ns: int
    "The offset is that well known."
    bounded: bool
    "Both directions were seen: the uncertainty is a bound, if the clocks run evenly. Else the offset is a guess."
    path_ns: int
    "The least time for both ways together, between the two places; negative if the clocks contradict each other."
    a_first: bool | None
    "A is nearer to the initiator; None: the places are the same, or it cannot be told."
    samples: int
    "Segments or PDUs that it was measured with."
    contradictions: int
    "Segments that arrive before they were sent by more than the uncertainty: the clocks do not run evenly."

    def in_b(self, ts: Numbers) -> Numbers:
        """Times of A's clock as B's shows them."""
        return np.asarray(ts + self.offset_ns + np.rint((ts - self.since_ns) * self.drift).astype(np.int64))

    def in_a(self, ts: Numbers) -> Numbers:
        """Times of B's clock as A's shows them."""
        since = ts - self.offset_ns - self.since_ns
        return np.asarray(self.since_ns + since - np.rint(since * (self.drift / (1 + self.drift))).astype(np.int64))

    def later(self, found: Samples) -> Numbers:
        """How much later B saw what A saw, without the offset: the delay where A is nearer to the sender, and the
        negative delay where B is."""
        return np.asarray(found.b - self.in_b(found.a))


def clock(to_target: Samples, to_initiator: Samples, resolution: int) -> Clock | None:
    """The relation of the clocks; None without any sample. `resolution` is the unit of their time stamps in ns."""
    count = len(to_target.a) + len(to_initiator.a)
    if not count:
        return None
    since = min(int(each.a.min()) for each in (to_target, to_initiator) if len(each.a))
    if not len(to_target.a) or not len(to_initiator.a):
        return _one_way(to_target, to_initiator, since, resolution, count)
    drift = _drift(to_target, to_initiator, since)
    there, back = (
        each.apart - np.rint((each.a - since) * drift).astype(np.int64) for each in (to_target, to_initiator)
    )
    a_first = _nearer(there, back, resolution)
    if a_first is False:
        low, high = int(there.max()), int(back.min())
    else:
        low, high = int(back.max()), int(there.min())
    if a_first is None or low > high:
        # Either there is no way between the places, or the clocks do not run evenly: what most segments say.
        middle = int(np.median(np.concatenate((there, back)))) if a_first is None else (low + high) // 2
        spread = max(abs(int(there.max()) - middle), abs(int(back.min()) - middle)) if a_first is None else low - high
        uncertainty = max(resolution, spread if a_first is None else spread // 2)
    else:
        middle, uncertainty = (low + high) // 2, max(resolution, -((low - high) // 2))
    sign = -1 if a_first is False else 1
    early = np.count_nonzero(sign * (there - middle) < -uncertainty)
    early += np.count_nonzero(sign * (back - middle) > uncertainty)
    return Clock(middle, drift, since, uncertainty, True, high - low, a_first, count, int(early))


def _one_way(there: Samples, back: Samples, since: int, resolution: int, count: int) -> Clock:
    """Only one direction was seen by both: the quickest segment counts as if it had taken no time."""
    if len(there.a):
        quickest = int(there.apart.min())
    else:
        quickest = int(back.apart.max())
    return Clock(quickest, 0.0, since, resolution, False, 0, None, count, 0)


def _nearer(there: Numbers, back: Numbers, resolution: int) -> bool | None:
    """Whether A is nearer to the initiator: what goes to the target is seen by A first then."""
    apart = int(np.median(there)) - int(np.median(back))
    return None if abs(apart) <= 2 * resolution else apart > 0


def _drift(to_target: Samples, to_initiator: Samples, since: int) -> float:
    """What B's clock gains per nanosecond; 0 if nothing shows that it does."""
    end = max(int(to_target.a.max()), int(to_initiator.a.max()))
    if end - since < _LONG_NS:
        return 0.0
    times, middles = _middles(to_target, to_initiator, since, end)
    if len(times) < _FEW:
        return 0.0
    first, second = np.triu_indices(len(times), 1)
    slope = float(np.median((middles[second] - middles[first]) / (times[second] - times[first])))
    if abs(slope) > _SLOPE_MAX:
        return 0.0
    left = middles - slope * times
    noise = float(np.median(np.abs(left - np.median(left))))
    before = float(np.median(np.abs(middles - np.median(middles))))
    gained = abs(slope) * float(times[-1] - times[0])
    return slope if gained > 6 * noise and before > 2 * noise else 0.0


def _middles(to_target: Samples, to_initiator: Samples, since: int, end: int) -> tuple[Numbers, Numbers]:
    """The offset by the quickest segments of each window, and the middles of the windows since `since`."""
    width = max(1, -(-(end - since + 1) // WINDOWS))
    bounds = []
    windows = []
    for each in (to_target, to_initiator):
        window = (each.a - since) // width
        bounds.append([np.full(WINDOWS, np.iinfo(np.int64).max), np.full(WINDOWS, np.iinfo(np.int64).min)])
        np.minimum.at(bounds[-1][0], window, each.apart)
        np.maximum.at(bounds[-1][1], window, each.apart)
        windows.append(np.bincount(window, minlength=WINDOWS)[:WINDOWS])
    good = np.flatnonzero((windows[0] >= _IN_WINDOW) & (windows[1] >= _IN_WINDOW))
    there, back = bounds
    first = np.median(there[0][good] - back[1][good]) >= 0 if len(good) else True
    low, high = (back[1], there[0]) if first else (there[1], back[0])
    # Halves apart: times in ns since 1970 would overflow when they are added.
    return good * width + width // 2, low[good] + (high[good] - low[good]) // 2
