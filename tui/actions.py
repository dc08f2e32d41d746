"""The one table of what can be done: name, keys, words, and where. Bindings, footer, help, command palette, the user's
key map and the documentation are made from it.

An action named `pdus.next_of_task` is the method `action_next_of_task` of the screen or widget that shows PDUs; names
are stable, since users' key maps hold them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from textual.binding import Binding, BindingType

APP: Final = "app"
LIST: Final = "list"
"Every list: moving, marking, sorting."
BYTES: Final = "bytes"
"The bytes of a PDU."
CHART: Final = "chart"
"The charts over time."


class Action(NamedTuple):
    """Something that a key does."""

    name: str
    "`place.method`: the place is APP, LIST or the name of a screen."
    keys: str
    "Keys by default, with commas between them; empty: from the command palette only."
    help: str
    "What it does, for the help screen: lower case, no full stop."
    short: str = ""
    "One or two words for the footer; empty: not there."

    @property
    def place(self) -> str:
        return self.name.partition(".")[0]

    @property
    def method(self) -> str:
        return self.name.partition(".")[2]


ACTIONS: Final = (
    # --- everywhere ---
    Action("app.help", "question_mark,f1", "what the keys do here", "help"),
    Action("app.quit", "q,ctrl+c,ctrl+q", "leave the program", "quit"),
    Action("app.go_back", "escape", "where you came from; closes what is open"),
    Action("app.command_palette", "colon,ctrl+p", "command palette: every action by name"),
    Action("app.filter", "slash", "display filter for PDUs and tasks; Enter sets it, empty takes it away", "filter"),
    Action("app.toggle_follow", "F", "follow: stay at the newest row while more comes"),
    Action("app.toggle_pause", "p", "pause or go on with reading"),
    Action("app.stop_reading", "", "end the reading here and conclude from what was read"),
    Action("app.problems", "P", "everything that is wrong with the input"),
    Action("app.next_theme", "", "the next colour theme"),
    # --- every list ---
    Action("list.up", "up,k", "one row up"),
    Action("list.down", "down,j", "one row down"),
    Action("list.page_up", "pageup,ctrl+b", "one page up"),
    Action("list.page_down", "pagedown", "one page down"),
    Action("list.half_page_up", "ctrl+u", "half a page up"),
    Action("list.half_page_down", "ctrl+d", "half a page down"),
    Action("list.first", "g,home", "first row"),
    Action("list.last", "G,end", "last row"),
    Action("list.left", "left,h", "columns to the left"),
    Action("list.right", "right,l", "columns to the right"),
    Action("list.choose", "enter", "open the row"),
    Action("list.mark", "m,space", "mark the row, or take its mark away"),
    Action("list.next_mark", "apostrophe", "next marked row"),
    Action("list.sort", "greater_than_sign", "sort by the next column"),
    Action("list.reverse_sort", "less_than_sign", "sort the other way round"),
    # --- the bytes of a PDU ---
    Action("bytes.previous", "left,h", "one byte back"),
    Action("bytes.next", "right,l", "one byte on"),
    Action("bytes.up", "up,k", "one line up"),
    Action("bytes.down", "down,j", "one line down"),
    Action("bytes.page_up", "pageup", "one page up"),
    Action("bytes.page_down", "pagedown", "one page down"),
    Action("bytes.first", "g,home", "first byte"),
    Action("bytes.last", "G,end", "last byte"),
    # --- sessions ---
    Action("sessions.ladder", "L", "ladder of the session (also Enter)", "ladder"),
    Action("sessions.pdus", "u", "the PDUs of the session only", "its PDUs"),
    Action("sessions.export", "x", "write all sessions to a file", "export"),
    Action("sessions.last_pdu", "z", "the last PDU of the session: where its end begins", "last PDU"),
    # --- PDUs ---
    Action("pdus.next_of_task", "o", "next PDU of the same task", "task"),
    Action("pdus.previous_of_task", "O", "previous PDU of the same task"),
    Action("pdus.next_violation", "e", "next PDU that breaks a rule", "violation"),
    Action("pdus.previous_violation", "E", "previous PDU that breaks a rule"),
    Action("pdus.next_warning", "w", "next PDU with a warning"),
    Action("pdus.previous_warning", "W", "previous PDU with a warning"),
    Action(
        "pdus.next_stall", "s", "next PDU after a stall: silence of 100 ms or more while something was asked", "stall"
    ),
    Action("pdus.previous_stall", "S", "previous PDU after a stall"),
    Action("pdus.request", "r", "the PDU that this one answers or belongs to"),
    Action("pdus.ladder", "L", "ladder of the task", "ladder"),
    Action("pdus.task", "T", "the task, among all tasks"),
    Action("pdus.find", "ctrl+f", "find: a text in the lines, or a display filter"),
    Action("pdus.next_found", "n", "next one that was found"),
    Action("pdus.previous_found", "N", "previous one that was found"),
    Action("pdus.go_to", "ctrl+g", "go to a PDU by number, or to a frame: f123"),
    Action("pdus.time", "t", "time: since the start, since the PDU before, since the mark, of day, date", "time"),
    Action("pdus.columns", "C", "choose columns"),
    Action("pdus.compare", "d,c", "compare the two marked PDUs, or the marked one and this one", "compare"),
    Action("pdus.export", "x", "write what is shown to a file", "export"),
    Action("pdus.next_pane", "tab", "next pane"),
    Action("pdus.previous_pane", "shift+tab", "previous pane"),
    Action("pdus.maximise", "backslash", "the pane alone, or all three again"),
    # --- tasks ---
    Action("tasks.slowest", "s", "slowest first, or in the order of their ends again", "slowest"),
    Action("tasks.ladder", "L", "ladder of the task", "ladder"),
    Action("tasks.request", "r", "the PDU that asked", "its PDU"),
    Action("tasks.next_failed", "e", "next task that failed or was never answered", "failed"),
    Action("tasks.previous_failed", "E", "previous task that failed or was never answered"),
    Action("tasks.compare", "d", "two marked tasks beside each other", "compare"),
    Action("tasks.columns", "C", "choose columns"),
    Action("tasks.export", "x", "write what is shown to a file", "export"),
    # --- ladder ---
    Action("ladder.session", "a", "all that the sessions of these PDUs did", "whole session"),
    Action("ladder.paths", "A", "also the other sessions between the same initiator and target", "all paths"),
    Action("ladder.next_session", "right_square_bracket", "the next session"),
    Action("ladder.previous_session", "left_square_bracket", "the session before"),
    Action("ladder.copy", "y", "copy as text to the clipboard", "copy"),
    Action("ladder.export", "x", "write as text to a new file in the working directory", "export"),
    Action("ladder.next_of_task", "o", "next PDU of the same task", "task"),
    Action("ladder.previous_of_task", "O", "previous PDU of the same task"),
    Action("ladder.next_violation", "e", "next PDU that breaks a rule", "violation"),
    Action("ladder.previous_violation", "E", "previous PDU that breaks a rule"),
    Action("ladder.next_warning", "w", "next PDU with a warning"),
    Action("ladder.previous_warning", "W", "previous PDU with a warning"),
    Action("ladder.next_stall", "s", "next PDU after a stall", "stall"),
    Action("ladder.previous_stall", "S", "previous PDU after a stall"),
    # --- findings ---
    Action("findings.regroup", "b", "below each session, or below each rule", "by session/rule"),
    Action("findings.ladder", "L", "the evidence as a ladder", "ladder"),
    Action("findings.next_error", "e", "the next error"),
    Action("findings.previous_error", "E", "the error before"),
    Action("findings.next_warning", "w", "the next warning"),
    Action("findings.previous_warning", "W", "the warning before"),
    Action("findings.next_pane", "tab", "next pane"),
    Action("findings.previous_pane", "shift+tab", "previous pane"),
    Action("findings.find", "ctrl+f", "find a text in the list"),
    Action("findings.next_found", "n", "next one that was found"),
    Action("findings.previous_found", "N", "previous one that was found"),
    Action("findings.export", "x", "write what is shown to a file", "export"),
    # --- keys ---
    Action("keys.defaults", "u", "with the keys that nobody mentioned, or without", "unmentioned"),
    Action("keys.find", "ctrl+f", "find a text in the list"),
    Action("keys.next_found", "n", "next one that was found"),
    Action("keys.previous_found", "N", "previous one that was found"),
    Action("keys.export", "x", "write what is shown to a file", "export"),
    # --- latency and load ---
    Action("latency.next_series", "c", "another quantity in the chart", "other chart"),
    Action("latency.window", "w", "where the command window was closed longest", "closed window"),
    Action("latency.next_pane", "tab", "next pane"),
    Action("latency.previous_pane", "shift+tab", "previous pane"),
    Action("latency.find", "ctrl+f", "find a text in the list"),
    Action("latency.next_found", "n", "next one that was found"),
    Action("latency.previous_found", "N", "previous one that was found"),
    Action("latency.export", "x", "write what is shown to a file", "export"),
    # --- charts ---
    Action("chart.left", "left,h", "a piece of time earlier"),
    Action("chart.right", "right,l", "a piece of time later"),
    Action("chart.first", "g,home", "the beginning"),
    Action("chart.last", "G,end", "the end"),
    Action("chart.highest", "up,k", "the highest value"),
    Action("chart.choose", "enter", "the tasks that were answered then"),
    # --- TCP ---
    Action("tcp.ladder", "L", "the ladder of the session, where it happened", "ladder"),
    Action("tcp.find", "ctrl+f", "find a text in the list"),
    Action("tcp.next_found", "n", "next one that was found"),
    Action("tcp.previous_found", "N", "previous one that was found"),
    Action("tcp.export", "x", "write what is shown to a file", "export"),
    # --- report ---
    Action("report.next_trouble", "e", "the next answer that hurts or deserves a look", "next trouble"),
    Action("report.previous_trouble", "E", "the one before"),
    Action("report.tasks", "T", "the tasks behind the line", "its tasks"),
    Action("report.ladder", "L", "the evidence as a ladder", "ladder"),
    Action("report.next_pane", "tab", "next pane"),
    Action("report.previous_pane", "shift+tab", "previous pane"),
    Action("report.find", "ctrl+f", "find a text in the list"),
    Action("report.next_found", "n", "next one that was found"),
    Action("report.previous_found", "N", "previous one that was found"),
    Action("report.export", "x", "write what is shown to a file", "export"),
)


def of_place(place: str) -> list[Action]:
    """The actions of a screen, of lists, or of the app."""
    return [action for action in ACTIONS if action.place == place]


def bindings(place: str, *, priority: Iterable[str] = ()) -> list[BindingType]:
    """The bindings of a place. Those whose method is in `priority` win over what has the focus."""
    wins = set(priority)
    return [
        Binding(
            action.keys,
            action.method if place != APP else f"app.{action.method}",
            action.help,
            show=False,
            id=action.name,
            priority=action.method in wins,
        )
        for action in of_place(place)
        if action.keys
    ]


def known(name: str) -> bool:
    """Whether an action has that name."""
    return any(action.name == name for action in ACTIONS)


def key_names(keys: str) -> str:
    """Keys as people call them: `?`, `Ctrl-F`, `PgUp`, with blanks between several."""
    return " ".join(_key_names(keys))


def _key_names(keys: str) -> Iterator[str]:
    for key in filter(None, keys.split(",")):
        start, _, last = key.rpartition("+")
        word = _WORDS.get(last, last if len(last) == 1 else last.capitalize())
        if start == "ctrl":
            yield f"Ctrl-{word.upper() if len(word) == 1 else word}"
        elif start:
            yield f"{start.capitalize()}-{word}"
        else:
            yield word


_WORDS: Final = {
    "question_mark": "?",
    "slash": "/",
    "backslash": "\\",
    "colon": ":",
    "apostrophe": "'",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "full_stop": ".",
    "comma": ",",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
