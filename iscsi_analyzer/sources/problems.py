"""What can be wrong with an input, said in one line with its place and the remedy. Knows no formats, reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOTE: Final = "note"
WARNING: Final = "warning"
ERROR: Final = "error"

KEPT_PER_FILE: Final = 100
"A damaged file can have a problem per record: beyond this number they are only counted."


@dataclass(slots=True, frozen=True)
class SourceProblem:
    """One thing that is wrong with one input; `str()` is a single line that can stand in a terminal."""

    path: str
    "The input as the user named it; `-` is the standard input."
    offset: int
    "Bytes from the start of the (decompressed) file; -1 if the problem has no place in the file."
    message: str
    "What was found and what that means for the result."
    remedy: str = ""
    "What the user can do about it; empty if there is nothing to do."
    severity: str = WARNING
    "`error`: something could not be read; `warning`: something is damaged or lost; `note`: worth knowing."

    def __str__(self) -> str:
        name = "standard input" if self.path == "-" else self.path
        place = f"offset {self.offset}: " if self.offset >= 0 else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return one_line(f"{name}: {place}{self.message}{remedy}")


class SourceError(Exception):
    """Nothing at all can be read from what was given. `problem` says why; `problems` holds one entry for each input."""

    def __init__(self, problem: SourceProblem, problems: list[SourceProblem] | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.problems = problems if problems is not None else [problem]


class ProblemLog:
    """The problems of all inputs in the order in which they were found, bounded for each file."""

    def __init__(self) -> None:
        self.problems: list[SourceProblem] = []
        self._counts: dict[str, int] = {}

    def add(self, problem: SourceProblem) -> None:
        """Keep a problem, or count it if its file has had too many."""
        count = self._counts.get(problem.path, 0) + 1
        self._counts[problem.path] = count
        if count <= KEPT_PER_FILE:
            self.problems.append(problem)

    def close(self, path: str) -> None:
        """The file is finished: say how many of its problems were not kept."""
        more = self._counts.pop(path, 0) - KEPT_PER_FILE
        if more > 0:
            self.problems.append(SourceProblem(path, -1, f"{more} more problems of this file are not listed"))


def one_line(text: str) -> str:
    """The text without line breaks and control characters: names in captures and in file systems can hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)
