"""Going on after damage: a walker that has lost the chain of records searches where records begin again.

HOT: compiled by mypyc where a compiler is at hand. The formats say what looks like a record; this is only the search.
"""

from __future__ import annotations

import re
from typing import Final

from mypy_extensions import i64, mypyc_attr

from iscsi_analyzer.sources.problems import ProblemLog
from iscsi_analyzer.sources.sink import Interfaces, Walker

NO: Final = 0
YES: Final = 1
UNDECIDED: Final = 2


@mypyc_attr(allow_interpreted_subclasses=True)
class RecoveringWalker(Walker):
    """A walker that survives garbage between records. A subclass calls `lose` where it finds none."""

    def __init__(self, path: str, log: ProblemLog, interfaces: Interfaces, header: i64) -> None:
        super().__init__(path, log, interfaces)
        self.header: i64 = header
        "Bytes of the smallest thing that can be judged: a record header."
        self.lost: bool = False
        self.lost_why: str = ""
        self.lost_at: i64 = 0
        self.candidates: re.Pattern[bytes] | None = None
        "Matches wherever a record may begin at a glance. A regular expression is quick without a compiler, too."
        self.lead: i64 = 0
        "Bytes between the beginning of such a record and the match. A match that begins with a rare byte is quick."
        self.recent_ts: i64 = -1
        "Time of the frame that was handed over last; -1 if there was none."

    def lose(self, buf: bytes, off: i64, base: i64, why: str) -> i64:
        """There is no record at `off`: remember what is wrong and `search` the next one."""
        self.lost = True
        self.lost_why = why
        self.lost_at = base + off
        self.candidates = self.candidate_pattern()
        return self.search(buf, off + 1, base)

    def search(self, buf: bytes, start: i64, base: i64) -> i64:
        """Where records go on; or, complemented (`~`), from where on more bytes are needed to tell. Clears `lost`."""
        pattern = self.candidates
        assert pattern is not None
        size: i64 = len(buf)
        off: i64 = start
        while True:
            match = pattern.search(buf, off + self.lead)
            if match is None:
                break
            off = match.start() - self.lead
            verdict: i64 = self.judge(buf, off)
            if verdict == YES:
                self.lost = False
                self.report(self.lost_at, f"{self.lost_why}: {base + off - self.lost_at} bytes were skipped")
                return off
            if verdict == UNDECIDED:
                return ~off
            off += 1
        if self.final:
            self.lost = False
            self.report(self.lost_at, f"{self.lost_why}, and no record was found after it: what precedes it was read")
            return size
        # A header may begin in the last bytes.
        self.need = self.header
        tail: i64 = size - self.header + 1
        return ~(tail if tail > off else off)

    def torn(self, buf: bytes, off: i64, base: i64) -> i64:
        """The bytes end within the record at `off`. If whole records can be seen in what it claims, its length is wrong
        and they are not lost: where they begin, or -1 if it is just cut short."""
        if not self.final:
            return -1
        pattern = self.candidate_pattern()
        at: i64 = off + 1
        while True:
            match = pattern.search(buf, at + self.lead)
            if match is None:
                return -1
            at = match.start() - self.lead
            if self.judge(buf, at) == YES:
                return self.lose(buf, off, base, "the length of a record is wrong")
            at += 1

    def undecided(self, need: i64) -> i64:
        """The verdict of `judge` that more bytes are needed; if there never will be more, it is NO."""
        if self.final:
            return NO
        self.need = need
        return UNDECIDED

    def candidate_pattern(self) -> re.Pattern[bytes]:
        """What the beginning of a record looks like at a glance, within its smallest header; sets `lead`."""
        raise NotImplementedError

    def judge(self, buf: bytes, off: i64) -> i64:
        """Does a record begin at `off`? YES, NO, or UNDECIDED (sets `need`; no answer once `final` is set)."""
        raise NotImplementedError
