"""Where a row leads to: the kinds of targets, and how the app shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.app import IscsiAnalyzerApp


@dataclass(frozen=True, slots=True)
class ToPdu:
    """One PDU, by its number."""

    number: int


@dataclass(frozen=True, slots=True)
class ToTask:
    """One task, by its number, in the list of tasks."""

    number: int


@dataclass(frozen=True, slots=True)
class ToLadder:
    """A ladder: of a task, or of sessions, or of PDUs; the first that is given counts."""

    task: int = 0
    sessions: tuple[int, ...] = ()
    pdus: tuple[int, ...] = ()
    title: str = ""
    "What the PDUs are."
    at: int = 0
    "The PDU that the cursor is to be on; 0 for the first rung."


@dataclass(frozen=True, slots=True)
class ToTasks:
    """All tasks that pass a display filter."""

    filter: str


@dataclass(frozen=True, slots=True)
class ToFrame:
    """The first PDU that was complete in or after a frame."""

    frame: int
    connection: int = 0


Target = ToPdu | ToTask | ToLadder | ToTasks | ToFrame


def jump(app: IscsiAnalyzerApp, target: Target | None) -> None:
    """Shows a target; nothing happens for None."""
    if isinstance(target, ToPdu):
        app.go_to_pdu(target.number)
    elif isinstance(target, ToTask):
        app.go_to_task(target.number)
    elif isinstance(target, ToLadder):
        app.go("ladder", target)
    elif isinstance(target, ToTasks):
        app.set_filter(target.filter)
        app.go("tasks")
    elif isinstance(target, ToFrame):
        number = pdu_of_frame(app, target)
        if number:
            app.go_to_pdu(number)
        else:
            app.notify(f"no PDU was complete in frame {target.frame} or after it", severity="warning")


def pdu_of_frame(app: IscsiAnalyzerApp, target: ToFrame) -> int:
    """The first PDU that was complete in or after the frame, of the connection if one is named; 0 if there is none.

    PDUs are in the order of the frames that completed them.
    """
    store = app.document.store
    low, high = 1, len(store) + 1
    while low < high:
        middle = (low + high) // 2
        if store.row(middle).frame_last < target.frame:
            low = middle + 1
        else:
            high = middle
    while low <= len(store) and target.connection and store.row(low).connection != target.connection:
        low += 1
    return low if low <= len(store) else 0
