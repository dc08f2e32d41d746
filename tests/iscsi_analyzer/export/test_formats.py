"""Every format that is listed can be made, of any capture."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.formats import BY_NAME, FORMATS, Part, maker
from tests.support.command import analysed
from tests.support.talk import Talk

NAMES = [each.name for each in FORMATS]


def test_no_name_is_taken_twice() -> None:
    assert len(BY_NAME) == len(FORMATS)


@pytest.mark.parametrize("name", NAMES)
def test_a_format_is_made_of_an_empty_capture(name: str) -> None:
    """There is nothing to tell, and that is no error."""
    assert isinstance(b"".join(maker(name).pieces(analysed([]), Part())), bytes)


@pytest.mark.parametrize("name", NAMES)
def test_a_format_is_the_same_each_time(name: str) -> None:
    talk = Talk()
    talk.open()
    talk.read(4096)
    talk.logout()
    first, second = (b"".join(maker(name).pieces(analysed(talk), Part())) for _ in range(2))
    assert first == second != b""
