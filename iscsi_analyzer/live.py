"""From a network interface to an analysis that follows what happens on it.

A capture program writes files, the one reader of captures follows them, and nothing behind it knows the difference.
Whoever drives the analysis calls `step` as always; it also looks after the capture program.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.options import Options
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.sources.live.options import LiveError, LiveOptions
from iscsi_analyzer.sources.live.source import LiveSource
from iscsi_analyzer.sources.problems import WARNING, SourceError, SourceProblem

POLL_STEPS: Final = 16
"After so many steps without a pause, the capture program is looked after all the same."


class LiveAnalysis(Analysis):
    """The analysis of a live capture. Leaving it as a context manager, or `close`, ends the capture and removes what is
    not to be kept."""

    def __init__(self, live: LiveOptions, options: Options | None = None, *, max_memory: int = 0) -> None:
        """Begins to capture. Raises LiveError if that is not possible; its lines say what would help.

        With `max_memory` (bytes) the capture ends, and says so, when what was found needs more: for those who want to
        look at all of it. Others may `begin_anew`.
        """
        chosen = options if options is not None else Options()
        self.source = LiveSource(live, chosen.ports)
        "What captures, and its counts."
        paths = self.source.start()
        try:
            super().__init__(paths, chosen, follow=True)
        except SourceError as error:
            self.source.close()
            raise LiveError(str(error)) from None
        self.source.attach(self.capture)
        self._steps = 0
        self._max_memory = max_memory

    def step(self) -> bool:
        """Works on about a megabyte. False when nothing new was captured for now, or ever: see `over`."""
        self._steps += 1
        if self._steps >= POLL_STEPS:
            self._look_after()
        if super().step():
            return True
        self._look_after()
        return super().step()

    def _look_after(self) -> None:
        self._steps = 0
        self.source.poll()
        if self._max_memory and self.memory > self._max_memory and self.source.running:
            text = f"what was found needs {self._max_memory:,} bytes of memory: the capture has ended"
            self.capture.note(SourceProblem("live capture", -1, text, "allow more memory, or filter more", WARNING))
            self.source.stop()
        try:
            self.source.learn(sorted(self.engine.listener.ports))
        except LiveError as error:
            text = f"a portal that was learned cannot be captured: {error}"
            self.capture.note(SourceProblem("live capture", -1, text, "", WARNING))

    @property
    def over(self) -> bool:
        """See `Analysis.over`: capturing has ended, and everything that was captured has been worked on."""
        return self.source.over and self.capture.over

    def stop(self) -> None:
        """See `Analysis.stop`: ends capturing first, so that all that was captured is there for further steps."""
        self.source.stop()
        super().stop()

    def close(self) -> None:
        """Ends capturing, removes what is not to be kept, and gives the files back."""
        super().close()
        self.source.close()
