"""What a user may decide: the defaults are those of the protocol, and nonsense is told at once."""

from __future__ import annotations

import pytest

from iscsi_analyzer.options import DEFAULT_PORTS, DIGESTS, Options
from iscsi_analyzer.streams.context import OFF, ON, UNKNOWN
from tests.iscsi_analyzer.stores import Feeding
from tests.support.talk import Talk


def test_the_ports_of_iscsi_are_the_default() -> None:
    assert Options().ports == DEFAULT_PORTS == (3260, 860)


@pytest.mark.parametrize(
    ("word", "header", "data"),
    [
        ("auto", UNKNOWN, UNKNOWN),
        ("none", OFF, OFF),
        ("header", ON, OFF),
        ("data", OFF, ON),
        ("both", ON, ON),
    ],
)
def test_digests_are_left_to_the_login_or_settled_by_the_user(word: str, header: int, data: int) -> None:
    options = Options(digests=word)
    assert (options.header_digest, options.data_digest) == (header, data)


def test_every_choice_of_digests_is_tested() -> None:
    assert set(DIGESTS) == {"auto", "none", "header", "data", "both"}


@pytest.mark.parametrize("word", ["", "crc32c", "Both"])
def test_a_word_that_is_no_choice_is_refused_before_anything_is_read(word: str) -> None:
    with pytest.raises(ValueError, match="auto, none, header, data, both"):
        Options(digests=word)


def test_the_word_of_the_user_holds_against_the_login() -> None:
    """Digests that were negotiated are not looked for: what follows the headers is taken as the user says."""
    talk = Talk(header_digest=True).open()
    talk.test_unit_ready()
    feeding = Feeding(Options(digests="none"))
    feeding.feed(talk.frames)
    assert feeding.store.row(5).header_digest == "absent"
    trusting = Feeding()
    trusting.feed(talk.frames)
    assert trusting.store.row(5).header_digest == "ok"


def test_options_do_not_change_under_an_analysis() -> None:
    with pytest.raises(AttributeError):
        Options().judge = False  # type: ignore[misc]
