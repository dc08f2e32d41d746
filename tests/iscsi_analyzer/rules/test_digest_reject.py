"""What a target does about a bad data digest."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import digest_reject
from tests.iscsi_analyzer.rules.judging import accused, check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

ALSO = {"data-digest-error-not-rejected": ("data-digest-bad",)}
"What cannot be kept by whoever breaks the rule."

NEAR = {
    "data-digest-error-not-rejected": """
        talk = Talk(data_digest=True, error_recovery_level=1).open()
        talk.write(4096)
        write = talk.command(write=4096)
        talk.data_out(write, 4096, burst=talk.r2t(write))
        talk.response(write)
        """,
    "reject-digest-without-digest": """
        talk.open()
        talk.reject(talk.nop_out(b"ping"), reason=9)
        """,
    "reject-digest-but-crc-good": """
        talk = Talk(data_digest=True).open()
        talk.reject(talk.nop_out(b"ping"), reason=9)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(digest_reject))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_target_that_rejects_and_asks_again_does_what_it_has_to() -> None:
    talk = Talk(data_digest=True, error_recovery_level=1).open()
    talk.write(4096)
    write = talk.command(write=4096)
    talk.data_out(write, 4096, burst=talk.r2t(write), data_digest="bad")
    talk.reject(talk.pdus[-1], reason=2)
    talk.data_out(write, 4096, burst=talk.r2t(write, 4096, offset=0))
    talk.response(write)
    assert findings_of(talk) == ["data-digest-bad"]


def test_digests_that_the_capture_never_shows_right_prove_nothing() -> None:
    """An adapter that computes digests itself leaves rubbish in a capture made on its host."""
    talk = Talk(data_digest=True).open()
    for _ in range(3):
        write = talk.command(write=4096)
        talk.data_out(write, 4096, burst=talk.r2t(write), data_digest="bad")
        talk.response(write)
    assert findings_of(talk) == ["data-digest-bad"]
    assert accused(talk) == []
