"""What pings and their answers contain."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import nop
from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.rules.judging import (
    accused,
    check_example,
    check_losses,
    check_near,
    example,
    finding_of,
    findings_of,
    lossy_captures,
    names,
)
from tests.support.talk import Talk

NEAR = {
    "nopout-noreply-not-immediate": """
        talk.open()
        talk.nop_out(tag=0xFFFFFFFF, immediate=True)
        talk.target_ping()
        """,
    "nopout-lun-not-copied": """
        talk.open()
        ping = talk.nop_in(lun=1)
        talk.nop_out(target_tag=ping.word(20), lun=1)
        """,
    "nopin-response-ttt": """
        talk.open()
        talk.ping()
        talk.target_ping()
        """,
    "nopin-echo-mismatch": """
        talk.open()
        talk.ping(b"abcd")
        talk.ping(bytes(range(256)) * 20)
        """,
    "nopin-echo-length": """
        talk = Talk(initiator_max_recv_data_segment_length=512).open()
        request = talk.nop_out(b"a" * 600)
        talk.nop_in(b"a" * 512, tag=request.word(16))
        """,
    "nopin-unsolicited-data": """
        talk.open()
        talk.nop_in(target_tag=0xFFFFFFFF)
        talk.ping(b"hello")
        """,
}
"What nearly breaks each rule."

NEAR_ALSO = {"nopin-echo-length": ("nopout-ping-too-long",)}


@pytest.mark.parametrize("name", names(nop))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name, NEAR_ALSO)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_an_echo_is_compared_with_its_own_ping_only() -> None:
    """The tag was used again while the capture lacked what was said."""
    talk = Talk().open()
    first = talk.nop_out(b"first", tag=5)
    talk.nop_in(b"first", tag=5)
    second = talk.nop_out(b"other", tag=5)
    talk.nop_in(b"other", tag=5)
    talk.test_unit_ready()
    assert first.word(16) == second.word(16)
    for capture in lossy_captures(talk):
        assert accused(capture) == []


def test_a_ping_with_a_bad_digest_is_not_compared() -> None:
    talk = Talk(data_digest=True).open()
    talk.ping(b"good")
    request = talk.nop_out(b"abcd", data_digest="bad")
    talk.nop_in(b"abce", tag=request.word(16))
    assert "nopin-echo-mismatch" not in findings_of(talk)


def test_the_place_of_the_first_difference_is_a_fact() -> None:
    finding = finding_of(example(sections("nopin-echo-mismatch")["Example"]), "nopin-echo-mismatch")
    assert (finding.facts, finding.related) == ({"offset": 3}, [5])
