"""Where the rows of PDUs stand in the index, once older ones have been given up.

Compiled. The first pass, the model and the rules count PDUs from the beginning of the capture, for ever. The index
counts the rows that it has. As long as it has all of them, both numbers are the same.
"""

from __future__ import annotations

from mypy_extensions import i64


class Places:
    """From the number of a PDU in the capture to the number of its row."""

    def __init__(self) -> None:
        self.looked_over: i64 = 0
        "Up to this PDU, rows were given up or moved."
        self.given_up: i64 = 0
        self.moved: dict[int, int] = {}
        "The rows of those PDUs that are still there."

    def of(self, number: i64) -> i64:
        """The row of PDU `number`; 0 for 0, and if the row was given up."""
        if number > self.looked_over:
            return number - self.given_up
        return self.moved.get(number, 0)

    def looks_over(self, rows: list[int], count: i64) -> None:
        """Of the first `count` rows only these (by number, ascending) are kept."""
        before = {row: number for number, row in self.moved.items()}
        already: i64 = len(before)
        if count < already:
            rows = [*rows, *range(count + 1, already + 1)]
            count = already
        self.moved = {}
        place: i64 = 0
        for row in rows:
            place += 1
            self.moved[before[row] if row <= already else row + self.given_up] = place
        self.looked_over = count + self.given_up
        self.given_up += count - place
