"""The laws of the value names of SPC."""

from __future__ import annotations

import pytest

from dissectors.fields import Words
from dissectors.scsi import spc_words
from dissectors.scsi.spc_words import mode_page_filter


@pytest.mark.parametrize("name", [name for name, value in vars(spc_words).items() if isinstance(value, Words)])
def test_every_byte_has_a_name(name: str) -> None:
    """Whatever a code field holds, there are words for it."""
    words: Words = getattr(spc_words, name)
    assert all(words(code) for code in range(256))


def test_mode_pages_have_the_filter_name_of_their_standard() -> None:
    """The control page is SPC's, the caching page SBC's."""
    assert mode_page_filter(0x0A) == "scsi.mode.spc.pagecode"
    assert mode_page_filter(0x08) == "scsi.mode.sbc.pagecode"
