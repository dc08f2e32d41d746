"""The keys that lead along a task, to findings, and to the ends of stalls, for every screen with PDUs in order."""

from __future__ import annotations

from abc import abstractmethod
from typing import Final

from iscsi_analyzer.rules.rule import ERROR, WARNING
from tui.pdus.jumps import Jump, after_stalls, same_task, with_findings
from tui.screens.base import View

VIOLATIONS: Final = with_findings(ERROR)
WARNINGS: Final = with_findings(WARNING)


class Jumping(View):
    """A screen that has a PDU under the cursor, and others to go to."""

    @abstractmethod
    def _jump(self, what: str, jump: Jump, *, forwards: bool, nothing: str) -> None:
        """Goes to the next PDU of those that `jump` finds; says `nothing` if there is none."""

    def action_next_of_task(self) -> None:
        """The next PDU of the same task."""
        self._jump("task", same_task, forwards=True, nothing="this is the last PDU of its task")

    def action_previous_of_task(self) -> None:
        """The previous PDU of the same task."""
        self._jump("task", same_task, forwards=False, nothing="this is the first PDU of its task")

    def action_next_violation(self) -> None:
        """The next PDU that breaks a rule."""
        self._jump("violation", VIOLATIONS, forwards=True, nothing="no violation below")

    def action_previous_violation(self) -> None:
        """The previous PDU that breaks a rule."""
        self._jump("violation", VIOLATIONS, forwards=False, nothing="no violation above")

    def action_next_warning(self) -> None:
        """The next PDU with a warning."""
        self._jump("warning", WARNINGS, forwards=True, nothing="no warning below")

    def action_previous_warning(self) -> None:
        """The previous PDU with a warning."""
        self._jump("warning", WARNINGS, forwards=False, nothing="no warning above")

    def action_next_stall(self) -> None:
        """The next PDU after a stall."""
        self._jump("stall", after_stalls, forwards=True, nothing="no stall below")

    def action_previous_stall(self) -> None:
        """The previous PDU after a stall."""
        self._jump("stall", after_stalls, forwards=False, nothing="no stall above")
