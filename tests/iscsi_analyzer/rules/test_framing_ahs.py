"""Additional headers of SCSI Commands."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import framing_ahs
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

NEAR = {
    "ahs-length-overrun": """
        talk.open()
        talk.response(talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0))), underflow=512)
        """,
    "ahs-length-zero": """
        talk.open()
        talk.command(bytes((0x7F, 0, 0, 0, 0, 0, 0, 9)) + bytes(8), ahs=bytes((0, 2, 1, 0, 0, 0, 0, 0)))
        """,
    "ahs-type-reserved": """
        talk.open()
        cdb = bytes((0x7F, 0, 0, 0, 0, 0, 0, 9)) + bytes(8)
        talk.command(cdb, flags=0xE1, read=512, write=512, ahs=bytes((0, 2, 1, 0, 0, 0, 0, 0, 0, 5, 2, 0, 0, 0, 2, 0)))
        """,
    "ahs-duplicate-type": """
        talk.open()
        cdb = bytes((0x7F, 0, 0, 0, 0, 0, 0, 9)) + bytes(8)
        talk.command(cdb, flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0, 0, 2, 1, 0, 0, 0, 0, 0)))
        """,
    "ahs-reserved-byte": """
        talk.open()
        talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 1, 1, 1, 1)))
        """,
    "ecdb-ahs-short": """
        talk.open()
        talk.command(bytes((0x7F, 0, 0, 0, 0, 0, 0, 9)) + bytes(8), ahs=bytes((0, 2, 1, 0, 0, 0, 0, 0)))
        """,
    "ecdb-length-mismatch": """
        talk.open()
        talk.command(bytes((0x7F, 0, 0, 0, 0, 0, 0, 24)) + bytes(8), ahs=bytes((0, 17, 1, 0)) + bytes(16))
        """,
    "ecdb-missing": """
        talk.open()
        talk.command(bytes((0x7F, 0, 0, 0, 0, 0, 0, 8)) + bytes(8))
        """,
    "bidi-ahs-length": """
        talk.open()
        talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 0, 0, 0, 0)))
        """,
    "cmd-bidi-ahs-unexpected": """
        talk.open()
        talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0)))
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(framing_ahs))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_headers_that_were_not_captured_whole_are_not_judged() -> None:
    """The snap length leaves the lengths and takes what they are about."""
    talk = Talk().open()
    talk.command(ahs=bytes((0, 40, 1, 0)) + bytes(40))
    (frame,) = talk.pdus[-1].spans[0][:1]
    for kept in range(130):
        frames = list(talk.frames)
        frames[frame] = frames[frame]._replace(data=frames[frame].data[:kept])
        assert [rule for rule in findings_of(frames) if "ahs" in rule] == []
