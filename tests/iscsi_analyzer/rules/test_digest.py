"""Digests that match, and those that do not."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import digest
from iscsi_analyzer.rules.desk import INITIATOR, NETWORK, TARGET
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, finding_of, findings_of, names
from tests.support.mangle_loss import cut_start
from tests.support.talk import I2T, T2I, Talk

NEAR = {
    "header-digest-bad": """
        talk = Talk(header_digest=True, data_digest=True).open()
        talk.read(4096)
        talk.response(talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0))), underflow=512)
        """,
    "data-digest-bad": """
        talk = Talk(data_digest=True).open()
        talk.ping(b"hello")
        talk.write(4096)
        talk.read(4096)
        """,
    "digest-byte-order": """
        talk = Talk(header_digest=True, data_digest=True).open()
        talk.ping(bytes(4))
        """,
    "digest-excludes-padding": """
        talk = Talk(data_digest=True).open()
        for length in range(1, 9):
            talk.ping(b"a" * length)
        """,
    "digest-excludes-ahs": """
        talk = Talk(header_digest=True).open()
        talk.response(talk.command(flags=0xE1, read=512, write=512, ahs=bytes((0, 5, 2, 0, 0, 0, 2, 0))), underflow=512)
        """,
    "digest-missing-in-ffp": """
        talk = Talk(header_digest=True).open()
        talk.command()
        talk.command()
        """,
    "digest-not-negotiated": """
        talk.open()
        talk.command()
        talk.command()
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(digest))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize("direction", [I2T, T2I])
def test_nobody_is_blamed_for_bytes_that_were_changed_on_the_way(direction: str) -> None:
    """The digest tells that something happened, not where."""
    talk = Talk(data_digest=True).open()
    talk.read(4096)
    talk.write(4096)
    if direction == I2T:
        talk.nop_out(b"ping", data_digest="bad")
    else:
        talk.data_in(talk.command(read=4096), 4096, status=0, data_digest="bad")
    finding = finding_of(talk, "data-digest-bad")
    assert (finding.party, finding.facts["sender"]) == (NETWORK, INITIATOR if direction == I2T else TARGET)


def test_a_side_that_has_sent_digests_does_not_lack_them() -> None:
    """Bytes that look like a header in the place of a digest are a coincidence then."""
    talk = Talk(header_digest=True).open()
    talk.test_unit_ready()
    talk.command(header_digest=b"\x01\x81\x00\x00")
    assert findings_of(talk) == ["header-digest-bad"]


def test_what_a_bad_header_digest_covers_is_judged_by_nobody() -> None:
    """The receiver drops the PDU, so a wrong number in it, or a missing one after it, is no fault of its sender."""
    talk = Talk(header_digest=True, error_recovery_level=1).open()
    talk.test_unit_ready()
    talk.command(cmd_sn=99, tag=0xFFFFFFFF, header_digest="bad")
    talk.test_unit_ready()
    assert findings_of(talk) == ["header-digest-bad"]


def test_digests_of_a_capture_without_login_are_found_and_judged() -> None:
    talk = Talk(header_digest=True, data_digest=True).open()
    frames = len(talk.frames)
    for _ in range(3):
        talk.read(4096)
    talk.data_in(talk.command(read=4096), 4096, status=0, data_digest="bad")
    assert findings_of(cut_start(talk.frames, frames)) == ["data-digest-bad"]
