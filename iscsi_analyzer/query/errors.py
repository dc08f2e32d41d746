"""What is wrong with a filter, and where: the one error that compiling a filter raises."""

from __future__ import annotations


class QueryError(ValueError):
    """A filter that cannot be understood. `position` and `length` say which part of its text is meant."""

    def __init__(self, message: str, position: int, length: int = 1) -> None:
        super().__init__(message)
        self.message = message
        "What is wrong, in a sentence without the end."
        self.position = position
        "The character that is meant, counted from 0; the length of the text for something that is missing at its end."
        self.length = max(1, length)

    def pointed(self, text: str) -> str:
        """Two lines: the filter, and below it a mark under the place. Control characters are shown as blanks."""
        shown = "".join(char if char.isprintable() else " " for char in text)
        position = min(self.position, len(text))
        length = max(1, min(self.length, len(text) - position))
        return f"{shown}\n{' ' * position}^{'~' * (length - 1)}"
