"""Exit codes, and the way a command ends early. The codes are a contract with scripts."""

from __future__ import annotations

FINE = 0
USAGE = 1
"Wrong usage, missing permission."
DAMAGED = 2
"The input cannot be read, or is cut short or damaged; what could be read was printed."
FINDINGS = 3
"`check` found what it has to fail on."
INTERRUPTED = 130


class Stop(Exception):
    """Ends the command: `message` goes to stderr, `code` to the caller."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
