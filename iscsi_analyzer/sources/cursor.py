"""One input file on its way through a walker: chunk by chunk, with the record that straddles two chunks put together.

Chunks are never concatenated: the end of one and the beginning of the next are copied into a small buffer that holds
just the straddling record.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

from iscsi_analyzer.sources.facts import FileFacts
from iscsi_analyzer.sources.opening import Opening
from iscsi_analyzer.sources.pcapng import PcapngWalker
from iscsi_analyzer.sources.problems import NOTE, ProblemLog, SourceError, SourceProblem
from iscsi_analyzer.sources.reading import HandlePool, os_problem
from iscsi_analyzer.sources.sink import BEFORE_ALL, FULL, LIMIT, POSITION_BITS, FrameSink, Interfaces, Walker

SMALL: int = 1 << 16
"A record in the small buffer that is longer than this grows by half of its length at least (bytes)."


class Outcome(enum.Enum):
    """Why a cursor stopped."""

    LIMIT = "the next record is later than the limit"
    FULL = "the sink wants no more"
    CHUNK = "a chunk is used up"
    WAIT = "nothing more for now: the file is followed"
    END = "the file is finished"


class Cursor:
    """The place in one input up to which its frames were handed over."""

    def __init__(
        self,
        facts: FileFacts,
        log: ProblemLog,
        interfaces: Interfaces,
        pool: HandlePool,
        on_chunk: Callable[[int, bytes], None] | None = None,
        opening: Opening | None = None,
    ) -> None:
        """`on_chunk(position, chunk)` hears of every chunk; `opening` is the input if it has been opened already."""
        self.facts = facts
        self.next_ts = BEFORE_ALL
        "Time of the next record; BEFORE_ALL as long as it is not known."
        self.follow = False
        self.may_be_empty = False
        "No frames in the file is nothing to speak of."
        self.over = False
        "The file was read to its end, or as far as it can be."
        self.chunk_size = 1 << 20
        self._log = log
        self._interfaces = interfaces
        self._pool = pool
        self._on_chunk = on_chunk
        self._opening = opening
        self._walker: Walker | None = None
        self._chunk = b""
        self._at = 0
        "Offset in the chunk of the first byte that neither the walker nor the small buffer has got."
        self._base = facts.index << POSITION_BITS
        "Position of the chunk's first byte."
        self._small = bytearray()
        "The beginning of a record that did not end in the chunk before; it reaches up to `_at`."
        self._need = 0
        "Bytes that the small buffer must have before it is worth another try."
        self._final = False
        self._done = 0

    def run(self, limit: int, sink: FrameSink) -> Outcome:
        """Hand over frames that are not later than `limit`, of about one chunk."""
        try:
            if self._walker is None and not self._begin():
                return Outcome.WAIT
            return self._run(limit, sink)
        except SourceError as error:
            self._log.add(error.problem)
        except OSError as error:
            self._log.add(os_problem(self.facts.path, error, self._offset()))
        return self._end()

    def _begin(self) -> bool:
        """Find out what the file is. False if it is too short for now."""
        if self._opening is None:
            self._opening = Opening(self.facts.path, self._pool)
        opening = self._opening
        if not opening.identify(final=not self.follow):
            return False
        self._walker = opening.walker(self._log, self._interfaces)
        self.facts.format = opening.format
        self.facts.compression = opening.compression
        self._take(opening.head)
        opening.head = b""
        return True

    def _run(self, limit: int, sink: FrameSink) -> Outcome:
        walker = self._walker
        assert walker is not None
        while True:
            if self._small:
                if not self._complete():
                    outcome = self._load()
                    if outcome is not None:
                        return outcome
                    continue
                data = bytes(self._small)
                start = self._base + self._at - len(data)
                used = walker.walk(data, 0, start, limit, sink)
                left = len(data) - used
                if left <= self._at and not self._final:
                    # What is left lies in the chunk: no need for the small buffer any more.
                    self._at -= left
                    self._small.clear()
                else:
                    del self._small[:used]
                    self._need = walker.need if walker.stop == LIMIT else max(walker.need, left + 1)
                if walker.stop == LIMIT:
                    return self._limit(walker)
                if walker.stop == FULL:
                    return Outcome.FULL
                if self._final:
                    if left:
                        walker.cut_short(left, start + used)
                    return self._end()
            elif self._at < len(self._chunk):
                self._at = walker.walk(self._chunk, self._at, self._base, limit, sink)
                if walker.stop == LIMIT:
                    return self._limit(walker)
                if walker.stop == FULL:
                    return Outcome.FULL
                self._small += self._chunk[self._at :]
                self._need = max(walker.need, len(self._small) + 1)
                self._at = len(self._chunk)
                self._refresh(walker)
                return Outcome.CHUNK
            else:
                outcome = self._load()
                if outcome is not None:
                    return outcome

    def _limit(self, walker: Walker) -> Outcome:
        self.next_ts = walker.next_ts
        return Outcome.LIMIT

    def _complete(self) -> bool:
        """Fill the small buffer from the chunk up to what the walker needs; True if that is there, or never will be."""
        missing = self._need - len(self._small)
        if missing > 0:
            if len(self._small) > SMALL:
                # A search in damaged bytes asks for a little more again and again: let it not copy so often.
                missing = max(missing, len(self._small) // 2)
            piece = self._chunk[self._at : self._at + missing]
            self._small += piece
            self._at += len(piece)
        return len(self._small) >= self._need or self._final

    def _load(self) -> Outcome | None:
        """Read the next chunk after the old one is used up. WAIT and END if there is none."""
        opening = self._opening
        walker = self._walker
        assert opening is not None
        assert walker is not None
        if self._final:
            return self._end()
        data = opening.reader.read(self.chunk_size)
        if data:
            self._take(data)
            return None
        if self.follow and not opening.reader.ended():
            self.next_ts = BEFORE_ALL
            self._refresh(walker)
            return Outcome.WAIT
        walker.final = True
        self._final = True
        if not self._small:
            return self._end()
        return None

    def _take(self, data: bytes) -> None:
        """A new chunk."""
        self._base += len(self._chunk)
        self._chunk = data
        self._at = 0
        if self._on_chunk is not None:
            self._on_chunk(self._base, data)

    def _end(self) -> Outcome:
        """Everything was read: give back memory and file, and say what remains to be said."""
        self.over = True
        opening, self._opening = self._opening, None
        walker, self._walker = self._walker, None
        if walker is not None:
            self._refresh(walker)
            if walker.frames == 0 and not self.may_be_empty:
                self._log.add(SourceProblem(self.facts.path, -1, "there are no frames in it", "", NOTE))
        if opening is not None:
            if walker is not None:
                incomplete = opening.reader.incomplete()
                if incomplete is not None:
                    self._log.add(incomplete)
            self._done = opening.reader.done
            opening.reader.close()
        self._log.close(self.facts.path)
        self._chunk = b""
        self._small.clear()
        return Outcome.END

    def _offset(self) -> int:
        """Offset in the (decompressed) file of what will be read next."""
        return (self._base + len(self._chunk)) & ((1 << POSITION_BITS) - 1)

    @property
    def bytes_done(self) -> int:
        """Bytes of the input on disk that were read."""
        opening = self._opening
        return self._done if opening is None else opening.reader.done

    def leave(self) -> None:
        """No more frames of it are wanted: bring the facts up to date, and stop before the end."""
        if self._walker is not None:
            self._refresh(self._walker)
        self.close()

    @property
    def descriptor(self) -> int:
        """What to wait for when a pipe has nothing more for now; -1 for a file, and at the end."""
        return self._opening.reader.descriptor if self._opening is not None and self.follow else -1

    def close(self) -> None:
        """Stop before the end."""
        if self._opening is not None:
            self._opening.reader.close()

    def _refresh(self, walker: Walker) -> None:
        """Bring the facts up to date."""
        facts = self.facts
        facts.variant = walker.variant
        facts.byte_order = "big" if walker.big_endian else "little"
        if isinstance(walker, PcapngWalker) and walker.mixed_order:
            facts.byte_order = "mixed"
        if facts.size is not None:
            facts.size = max(facts.size, self.bytes_done)
        facts.frames = walker.frames
        facts.captured_bytes = walker.captured
        if walker.frames:
            facts.first_ns = walker.first_ts
            facts.last_ns = walker.last_ts
        facts.interfaces = walker.interfaces
        facts.comments = walker.comments
        facts.packet_comments = walker.packet_comments
        facts.hardware = walker.hardware
        facts.os = walker.os
        facts.application = walker.application
