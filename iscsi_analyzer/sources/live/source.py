"""A live capture as a whole: the programs that capture, the files that they write, and which of them are still there.

It tells a `Capture` that follows the files which one comes next, and which are removed because a ring or the spool is
full. What goes wrong becomes a problem of that capture; what was captured before is kept and read.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from iscsi_analyzer.sources.capture import FILES_MAX, Capture
from iscsi_analyzer.sources.live.backend import Plan
from iscsi_analyzer.sources.live.choosing import BACKENDS, choose
from iscsi_analyzer.sources.live.filters import of_ports
from iscsi_analyzer.sources.live.interfaces import is_ethernet, is_up, resolve
from iscsi_analyzer.sources.live.options import ANY, SPOOL_FILE_BYTES, TCPDUMP, LiveError, LiveOptions, Ring
from iscsi_analyzer.sources.live.recorder import Recorder
from iscsi_analyzer.sources.live.spool import Spool, free_bytes
from iscsi_analyzer.sources.problems import ERROR, NOTE, WARNING, SourceProblem

ASK_SECONDS: Final = 1.0
"How often the capture programs are asked what was dropped."
DISK_RESERVE: Final = 1 << 16
"With fewer free bytes than that, the disk counts as full."
LEARNED_MAX: Final = 32
"Portals on other ports that are captured in addition."


@dataclass(slots=True)
class Row:
    """One capture program and its files, each beginning where the one before it ends."""

    recorder: Recorder
    indexes: list[int] = field(default_factory=list)
    "Their numbers in the capture."
    there: list[int] = field(default_factory=list)
    "Those that were not removed."
    ended: bool = False


class LiveSource:
    """One live capture: `start`, `attach`, then `poll` again and again, `stop`, `close`."""

    def __init__(self, options: LiveOptions, ports: Iterable[int]) -> None:
        """Chooses the capture program. Raises LiveError."""
        self.options = options
        self.interfaces = tuple(dict.fromkeys(resolve(name) for name in options.interfaces))
        if not self.interfaces:
            raise LiveError("no interface is named")
        self.ports = tuple(ports)
        self.backend = choose(options.capture_with, len(self.interfaces))
        self.filter = options.filter if options.filter is not None else self._filter(self.ports)
        self.lost_files = 0
        "Files that were removed before they were read: the analysis was too slow for the disk space that it may use."
        self._rows: list[Row] = []
        self._spool: Spool | None = None
        self._room = options.spool_bytes
        "Bytes on disk of what is not to be kept, or not yet read."
        self._capture: Capture | None = None
        self._begun = time.monotonic()
        self._asked = self._begun
        self._learned: set[int] = set(self.ports)
        self._up: dict[str, bool] = {}

    def _filter(self, ports: Iterable[int], without: Iterable[int] = ()) -> str:
        return of_ports(ports, vlan=all(is_ethernet(name) for name in self.interfaces), without=without)

    @property
    def title(self) -> str:
        """What captures what, for people."""
        where = " and ".join(self.interfaces) if self.interfaces != (ANY,) else "all interfaces"
        return f"{where} with {self.backend.title}, filter: {self.filter or 'none'}"

    # --- beginning and end ---

    def start(self) -> list[str]:
        """Begins to capture; returns the paths of the first files. Raises LiveError."""
        try:
            path, ring = self._place()
            self._rows.append(self._row(path, ring, self.filter))
        except OSError as error:
            self.close()
            raise LiveError(f"no place for the capture: {error}") from None
        except LiveError as error:
            self.close()
            raise LiveError("\n".join([str(error), *self._remedy(str(error))])) from None
        self._begun = time.monotonic()
        return [self._rows[0].recorder.said.files[0]]

    def _place(self) -> tuple[str, Ring]:
        """Where the capture is written, and in which pieces. Raises OSError and LiveError."""
        options = self.options
        if options.write:
            folder = Path(options.write).absolute().parent
            if not folder.is_dir():
                raise LiveError(f"there is no directory {folder}")
            return options.write, options.ring
        self._spool = Spool()
        self._room = self._spool.room(options.spool_bytes)
        piece = max(1 << 20, min(SPOOL_FILE_BYTES, self._room // 8))
        ring = options.ring if options.ring.several else Ring(bytes=piece)
        ending = "pcap" if self.backend.name == TCPDUMP else "pcapng"
        return str(self._spool.path / f"live.{ending}"), ring

    def _row(self, path: str, ring: Ring, expression: str) -> Row:
        options = self.options
        plan = Plan(
            interfaces=self.interfaces,
            filter=expression,
            snaplen=options.snaplen,
            promiscuous=options.promiscuous,
            buffer_mib=options.buffer_mib,
            path=path,
            ring=ring,
            packets=options.packets,
        )
        recorder = Recorder(BACKENDS[self.backend.name](), plan)
        try:
            recorder.wait_until_listening()
        except LiveError:
            recorder.close()
            raise
        return Row(recorder)

    def _remedy(self, said: str) -> list[str]:
        """What helps against what a capture program has said."""
        words = said.lower()
        if "permission" in words or "not permitted" in words:
            return self.backend.advice()
        return [f"{name} is down; set it up: ip link set {name} up" for name in self.interfaces if is_up(name) is False]

    def attach(self, capture: Capture) -> None:
        """`capture` follows the files that `start` has named."""
        self._capture = capture
        row = self._rows[0]
        row.indexes.append(0)
        row.there.append(0)

    def stop(self) -> None:
        """Ends capturing; what has been captured is in the files then."""
        for row in self._rows:
            row.recorder.stop()
        self.poll()

    def close(self) -> None:
        """Ends capturing, and removes what nobody wanted to keep."""
        for row in self._rows:
            row.recorder.close()
            self._make_room(row)
        if self._spool is not None:
            self._spool.close()

    # --- in between ---

    def poll(self) -> None:
        """Tells the capture of new files, removes old ones, and notices ends. Does not wait."""
        now = time.monotonic()
        seconds = self.options.seconds
        if seconds and now - self._begun >= seconds and self.running:
            self.stop()
            return
        for row in self._rows:
            if not row.ended:
                running = row.recorder.running
                row.recorder.poll()
                self._follow(row)
                if not running:
                    self._end(row)
            self._make_room(row)
        if self._capture is not None and len(self._capture.files) > FILES_MAX and self.running:
            self._note(SourceProblem(self._name, -1, "has written more files than can be followed: it ends", "", ERROR))
            for row in self._rows:
                row.recorder.stop()
        if self.over:
            self._enter_drops()  # the last file may not have been read when its program ended
        elif now - self._asked >= ASK_SECONDS:
            self._asked = now
            for row in self._rows:
                row.recorder.ask()
            self._enter_drops()
            self._look_at_interfaces()
            self._look_at_disk()

    def _follow(self, row: Row) -> None:
        capture = self._capture
        if capture is None:
            return
        for path in row.recorder.said.files[len(row.indexes) :]:
            index = capture.append(path, after=row.indexes[-1] if row.indexes else None)
            row.indexes.append(index)
            row.there.append(index)

    def _make_room(self, row: Row) -> None:
        """Removes the oldest files of a ring, and of the spool when it is full. A file of a ring that was not read yet
        stays as long as there is room for it."""
        capture = self._capture
        if capture is None:
            return
        keep = self.options.ring.files or len(row.there)
        room = self._room // len(self._rows)
        while len(row.there) > 1:
            index = row.there[0]
            full = self._size(row) > room and (self._spool is not None or keep < len(row.there))
            if not full and (len(row.there) <= keep or not capture.is_read(index)):
                return
            self._remove(row.there.pop(0))

    def _remove(self, index: int) -> None:
        assert self._capture is not None
        path = self._capture.files[index].path
        if not self._capture.bytes_done_of(index):
            self.lost_files += 1
            text = "was removed before it could be read: the analysis does not keep up, and there is no room for more"
            self._note(SourceProblem(path, -1, text, "filter more, or let a ring have more files", WARNING))
        self._capture.forget(index)
        with contextlib.suppress(OSError):
            os.unlink(path)

    def _size(self, row: Row) -> int:
        assert self._capture is not None
        return sum(_size_of(self._capture.files[index].path) for index in row.there)

    def _end(self, row: Row) -> None:
        """A capture program has ended."""
        row.ended = True
        if self._capture is not None and row.indexes:
            self._capture.settle(row.indexes[-1])
        self._enter_drops()
        recorder = row.recorder
        if recorder.said.dropped:
            of = f" of {recorder.said.captured + recorder.said.dropped:,}" if recorder.said.captured else ""
            text = f"{recorder.said.dropped:,}{of} frames were dropped while capturing: what they held is missing"
            self._note(SourceProblem(self._name, -1, text, "a larger buffer (-B) or shorter frames (-s)", WARNING))
        ending = recorder.ending()
        said = "; ".join(recorder.said.remarks)
        if not ending and not recorder.asked_to_end and not recorder.plan.packets:
            ending = "ended by itself"
        if ending:
            text = f"{self.backend.name} {ending}{f': {said}' if said else ''}: what was captured before is kept"
            helps = "; ".join(self._remedy(said)) if said else ""
            self._note(SourceProblem(self._name, -1, text, helps, ERROR))
        elif said:
            self._note(SourceProblem(self._name, -1, f"{self.backend.name} says: {said}", "", NOTE))

    def _look_at_interfaces(self) -> None:
        """Notices interfaces that go down while the capture goes on, and that come back."""
        for name in self.interfaces:
            up = is_up(name)
            before = self._up.get(name, True)
            if up is None or up == before:
                continue
            self._up[name] = up
            text = "is up again" if up else "went down: nothing can be captured there until it is up"
            self._note(SourceProblem(f"interface {name}", -1, text, "", NOTE if up else WARNING))

    def _look_at_disk(self) -> None:
        """Notices a full disk, also where the capture program does not."""
        if not self.running:
            return
        place = os.path.dirname(os.path.abspath(self._rows[0].recorder.plan.path))
        if free_bytes(place) < DISK_RESERVE:
            text = f"there is no space left in {place}: capturing has ended, what was captured before is kept"
            self._note(SourceProblem(self._name, -1, text, "free some disk space, or capture less (-s, -f, -b)", ERROR))
            for row in self._rows:
                row.recorder.stop()

    @property
    def _name(self) -> str:
        return f"live capture on {', '.join(self.interfaces)}"

    def _note(self, problem: SourceProblem) -> None:
        if self._capture is not None:
            self._capture.note(problem)

    def learn(self, ports: Iterable[int]) -> list[int]:
        """Captures these ports, too, if that was asked for; returns those that are new. Raises LiveError."""
        new = [port for port in ports if port not in self._learned]
        if not new or not self.options.learn_portals or not self.running:
            return []
        room = LEARNED_MAX + len(self.ports) - len(self._learned)
        new = new[: max(0, room)]
        if new:
            known = sorted(self._learned)
            self._learned.update(new)
            place = Path(self._rows[0].recorder.plan.path)
            path = place.with_name(f"{place.stem}-{len(self._rows) + 1}{place.suffix}")
            without = known if self.options.filter is None else ()
            self._rows.append(self._row(str(path), self._rows[0].recorder.plan.ring, self._filter(new, without)))
            self._follow(self._rows[-1])
        return new

    # --- counts ---

    def _enter_drops(self) -> None:
        """Where the file does not say what was dropped, the report is to know it nevertheless."""
        if self._capture is None:
            return
        for row in self._rows:
            dropped = row.recorder.said.dropped
            faces = self._capture.files[row.indexes[-1]].interfaces if row.indexes else []
            if dropped is not None and len(faces) == 1 and faces[0].dropped_os is None:
                if faces[0].dropped_interface is None or faces[0].dropped_interface < dropped:
                    faces[0].dropped_os = dropped - (faces[0].dropped_interface or 0)

    @property
    def running(self) -> bool:
        """Whether anything captures."""
        return any(row.recorder.running for row in self._rows)

    @property
    def over(self) -> bool:
        """Whether all have ended, and that was taken note of."""
        return all(row.ended for row in self._rows)

    @property
    def captured(self) -> int | None:
        """Frames captured so far; None if nobody says."""
        told = [row.recorder.said.captured for row in self._rows]
        return sum(count for count in told if count is not None) if any(count is not None for count in told) else None

    @property
    def dropped(self) -> int | None:
        """Frames that the kernel or the capture program had no room for; None if nobody has told yet."""
        told = [self._dropped(row) for row in self._rows]
        return sum(count for count in told if count is not None) if any(count is not None for count in told) else None

    def _dropped(self, row: Row) -> int | None:
        told = row.recorder.said.dropped
        if self._capture is None:
            return told
        # Counters of files go on from one file to the next.
        for index in reversed(row.indexes):
            faces = self._capture.files[index].interfaces
            counts = [(face.dropped_interface or 0) + (face.dropped_os or 0) for face in faces]
            if any(face.dropped_interface is not None or face.dropped_os is not None for face in faces):
                return max(told or 0, sum(counts))
        return told

    @property
    def backlog(self) -> int:
        """Bytes that were captured and not read yet."""
        if self._capture is None:
            return 0
        total = 0
        for row in self._rows:
            for index in reversed(row.there):
                left = _size_of(self._capture.files[index].path) - self._capture.bytes_done_of(index)
                if left <= 0 and index != row.there[-1]:
                    break
                total += max(0, left)
        return total

    def is_spooled(self, path: str) -> bool:
        """Whether a file is one of those that are removed at the end."""
        return self._spool is not None and Path(path).parent == self._spool.path

    @property
    def kept(self) -> list[str]:
        """The files that stay."""
        if not self.options.write or self._capture is None:
            return []
        return [self._capture.files[index].path for row in self._rows for index in row.there]


def _size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
