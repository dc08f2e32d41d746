"""PDUs are found under the number that they have in the capture, however often rows were given up."""

from __future__ import annotations

from random import Random

from iscsi_analyzer.store.places import Places


def test_as_long_as_nothing_was_given_up_numbers_are_rows() -> None:
    places = Places()
    assert [places.of(number) for number in (0, 1, 7, 1 << 40)] == [0, 1, 7, 1 << 40]


def test_what_is_left_moves_up_and_the_rest_is_nowhere() -> None:
    """Against a list from which rows are taken."""
    random = Random(1)
    places = Places()
    left, said = [], 0
    for _ in range(30):
        more = random.randrange(50)
        left += range(said + 1, said + more + 1)
        said += more
        count = random.randrange(len(left) + 1)
        kept = sorted(random.sample(range(1, count + 1), count // 3))
        places.looks_over(kept, count)
        left = [left[row - 1] for row in kept] + left[count:]
        for number in range(said + 3):
            wanted = left.index(number) + 1 if number in left else 0
            if number > said:
                wanted = len(left) + number - said
            assert places.of(number) == wanted
