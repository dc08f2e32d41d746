"""The ladder: who said what to whom, line by line, between the two ends of each connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import events, on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.ladder import (
    Ladder,
    Rung,
    ladder_of_pdus,
    ladder_of_sessions,
    ladder_of_task,
)
from iscsi_analyzer.export.ladder_text import Drawing, ladder_text, said
from iscsi_analyzer.export.pdu_text import dump_lines
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.export.tables import plural, visible
from tui.drawing.ladder import ladder_columns
from tui.screens.jumps import ToLadder, ToPdu, jump
from tui.screens.ladder_jumps import LadderJumps
from tui.widgets.big_list import GUTTER, BigList

MOST_COPIED: Final = 2000
"Rungs that go to the clipboard: terminals take no more than some hundred kilobytes."
MOST_WRITTEN: Final = 200_000
TEXT_WIDTH: Final = 120


class LadderScreen(LadderJumps):
    """The ladder of a task, of sessions, or of some PDUs. Item n of the list is rung n."""

    NAME = "ladder"
    KEY = "4"
    TITLE_WORD = "Ladder"
    ABOUT = "the conversation of a task or of a session, arrow by arrow"
    CSS_PATH: ClassVar = "ladder.tcss"

    def body(self) -> Iterator[Widget]:
        self._target: ToLadder | None = None
        self._shown: ToLadder | None = None
        self._shape: tuple[int, ...] = ()
        self._views = Views(self.document.store)
        self._rung = lru_cache(maxsize=1024)(self._rung_of)
        self._heading = Static(id="heading")
        self.rungs = BigList([], empty="nothing to show yet", id="rungs")
        self.main_list = self.rungs
        self._raw = Static(id="raw")
        yield self._heading
        yield self.rungs
        yield self._raw

    def _rung_of(self, item: int) -> Rung:
        assert self.ladder is not None
        return self.ladder.rung(item)

    # --- what is shown ---

    def arrive(self, target: Any) -> None:
        """A ToLadder, or `("task", number)`, or `("session", number)`."""
        if isinstance(target, tuple):
            what, number = target
            target = ToLadder(task=number) if what == "task" else ToLadder(sessions=(number,))
        self._target = target
        self._again()

    def grown(self) -> None:
        target = self._target
        if target is None or target.sessions or self.ladder is None:
            self._ask(instead=False)

    def _again(self) -> None:
        self._ask(instead=True)

    def _ask(self, *, instead: bool) -> None:
        target = self._target
        self.ask("ladder", lambda study: (target, ladder_for(study, target)), self._show, instead=instead)

    def _show(self, answer: tuple[ToLadder | None, Ladder | None]) -> None:
        target, ladder = answer
        if ladder is None:
            return
        new = self.ladder is None or self._shown != target
        self.ladder, self._shown = ladder, target
        self._rung.cache_clear()
        self._set_columns()
        self.rungs.show(len(ladder))
        if new:
            self.rungs.marks.clear()
            at = ladder.place_of(target.at) if target is not None and target.at else 0
            self.rungs.go_to_place(max(0, at))
            self.rungs.scroll_to(y=max(0, at - self.rungs.page // 2), animate=False, force=True, immediate=True)
        self._tell_heading()
        self._tell()

    def on_resize(self, event: events.Resize) -> None:
        self._set_columns()
        self._tell_heading()

    def _set_columns(self) -> None:
        """The columns for the ladder as it is now: others only if they look different, as they may be scrolled."""
        if self.ladder is None:
            return
        drawing = Drawing(self.ladder, self.size.width - GUTTER - 1)
        lanes = tuple(lane.connection for lane in self.ladder.lanes)
        shape = (drawing.width, drawing.number_width, drawing.time_width, *lanes)
        if shape == self._shape:
            self.rungs.changed()
        else:
            self._shape = shape
            self.rungs.set_columns(ladder_columns(drawing, self._rung))

    def _tell_heading(self) -> None:
        ladder = self.ladder
        if ladder is None:
            return
        parts = [(ladder.title, "bold"), (f"  {plural(ladder.pdus, 'PDU')}", "")]
        others = len(ladder) - ladder.pdus
        if others:
            parts.append((f", {plural(others, 'event')} of TCP and of the capture", "$text-warning"))
        lanes = [f"{lane.connection}: {lane.initiator} → {lane.target}" for lane in ladder.lanes]
        parts.append(("   connection " + ", ".join(lanes) if len(lanes) <= 3 else f"   {len(lanes)} connections", ""))
        self._heading.update(Content.assemble(*parts))

    # --- the rung under the cursor ---

    @on(BigList.Moved)
    def _moved(self) -> None:
        self._tell()

    def _tell(self) -> None:
        item = self.rungs.item
        ladder = self.ladder
        if item is None or ladder is None or item >= len(ladder):
            self._raw.update("")
            return
        rung = self._rung(item)
        frame = f"  frame {rung.frame}" if rung.pdu else ""
        parts = [(rung.name, "bold"), (f" {visible(said(rung))}{frame}\n", "")]
        parts += [
            (
                f"{severity}: {rule}\n",
                {"error": "$text-error", "warning": "$text-warning"}.get(severity, "$text-accent"),
            )
            for severity, rule in rung.findings
        ]
        if rung.pdu:
            view = PduView(self._views, rung.pdu, self.document.store.row(rung.pdu))
            parts += [(f"{line}\n", "") for line in islice(dump_lines(view), 20)]
        self._raw.update(Content.assemble(*parts))

    @on(BigList.Chosen)
    def _chosen(self, event: BigList.Chosen) -> None:
        rung = self._rung(event.item)
        if rung.pdu:
            jump(self.analyzer, ToPdu(rung.pdu))
        else:
            self.notify(f"{rung.name}: {rung.rest}")

    # --- from ladder to ladder ---

    def action_session(self) -> None:
        """Everything on the sessions of what is shown, from the first to the last PDU."""
        ladder = self.ladder
        if ladder is None:
            return
        sessions = tuple(sorted({lane.session for lane in ladder.lanes}))
        self.arrive(ToLadder(sessions=sessions, at=self.pdu_here()))

    def action_paths(self) -> None:
        """Also the other sessions between the same initiator and target."""
        ladder = self.ladder
        if ladder is not None:
            mine = {lane.session for lane in ladder.lanes}
            at = self.pdu_here()
            self.ask("paths", lambda study: (at, other_paths(study, mine)), self._show_paths, instead=True)

    def _show_paths(self, answer: tuple[int, tuple[int, ...]]) -> None:
        at, sessions = answer
        if len(sessions) < 2:
            self.notify("there is no other session between these two")
        else:
            self.arrive(ToLadder(sessions=sessions, at=at))

    def action_next_session(self) -> None:
        """The next session."""
        self._step(1)

    def action_previous_session(self) -> None:
        """The session before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        numbers = [int(session.number) for session in list(self.document.store.sessions)]
        ladder = self.ladder
        if not numbers or ladder is None or not ladder.lanes:
            return
        here = ladder.lanes[0].session
        place = (numbers.index(here) + by) % len(numbers) if here in numbers else 0
        self.arrive(ToLadder(sessions=(numbers[place],)))

    # --- copies ---

    def action_copy(self) -> None:
        """Copies the ladder as text to the clipboard of the terminal."""
        ladder = self.ladder
        if ladder is None:
            return
        lines = list(islice(ladder_text(ladder, TEXT_WIDTH), MOST_COPIED))
        self.app.copy_to_clipboard("\n".join(lines) + "\n")
        more = "" if len(lines) < MOST_COPIED else ", its beginning only: x writes all of it to a file"
        self.notify(f"{plural(len(lines), 'line')} copied{more}")

    def action_export(self) -> None:
        """Writes the ladder as text to a new file in the working directory."""
        ladder = self.ladder
        if ladder is not None:
            self.run_worker(lambda: self._write(ladder), thread=True, group="writing")

    def _write(self, ladder: Ladder) -> None:
        """In a worker thread."""
        try:
            path = written(ladder_text(ladder, TEXT_WIDTH), ladder.title)
        except OSError as error:
            self.analyzer.from_worker(self._wrote, f"cannot write: {error}", "error")
        else:
            self.analyzer.from_worker(self._wrote, f"written to {path}", "information")

    def _wrote(self, words: str, severity: Any) -> None:
        self.notify(words, severity=severity)


def ladder_for(study: Study, target: ToLadder | None) -> Ladder | None:
    """The ladder that is meant; that of the first session if nothing is, and None if there is none."""
    facts = study.facts
    if target is None:
        return ladder_of_sessions(facts, [int(facts.sessions[0].number)]) if facts.sessions else None
    if target.task:
        return ladder_of_task(facts, target.task)
    if target.sessions:
        known = {int(session.number) for session in facts.sessions}
        return ladder_of_sessions(facts, [number for number in target.sessions if number in known])
    return ladder_of_pdus(facts, target.pdus, target.title)


def other_paths(study: Study, sessions: set[int]) -> tuple[int, ...]:
    """These sessions and all others between the same initiators and targets."""
    found = set(sessions)
    for pair in study.paths.pairs:
        members = {number for path in pair.paths for number in path.sessions}
        if members & sessions:
            found |= members
    return tuple(sorted(found))


def written(lines: Iterator[str], title: str, directory: Sequence[str] = ()) -> Path:
    """Writes the lines to a file that did not exist before, named after the title. Raises OSError."""
    name = "ladder-" + "-".join("".join(char if char.isalnum() else " " for char in title).split())[:60]
    for number in range(1, 1000):
        path = Path(*directory, f"{name}{'' if number == 1 else f'-{number}'}.txt")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in islice(lines, MOST_WRITTEN))
            return path
        except FileExistsError:
            continue
    raise FileExistsError(f"there are many files called {name} already")
