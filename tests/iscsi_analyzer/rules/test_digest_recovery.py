"""What becomes of PDUs whose digest was bad."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import digest_recovery
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

ALSO = {
    "data-digest-recovery-choice": ("reject-digest-but-crc-good",),
    "header-digest-error-accepted": ("header-digest-bad",),
    "data-digest-error-accepted": ("data-digest-bad",),
}
"What cannot be kept by whoever breaks the rule."

NEAR = {
    "data-digest-recovery-choice": """
        talk = Talk(data_digest=True, error_recovery_level=1).open()
        talk.write(4096)
        write = talk.command(write=4096)
        talk.data_out(write, 4096, burst=talk.r2t(write), data_digest="bad")
        talk.reject(talk.pdus[-1], reason=2)
        talk.data_out(write, 4096, burst=talk.r2t(write, 4096, offset=0))
        talk.response(write)
        """,
    "header-digest-error-accepted": """
        talk = Talk(header_digest=True).open()
        talk.test_unit_ready()
        talk.command(header_digest="bad")
        """,
    "data-digest-error-accepted": """
        talk = Talk(data_digest=True, error_recovery_level=1).open()
        talk.read(4096)
        read = talk.command(read=4096)
        talk.data_in(read, 4096, data_digest="bad")
        talk.snack(0, task=read, run=1)
        talk.data_in(read, 4096, offset=0, data_sn=0, final=True)
        talk.response(read)
        talk.test_unit_ready()
        """,
}
"What nearly breaks each rule."

NEAR_ALSO = {
    "data-digest-recovery-choice": ("data-digest-bad",),
    "header-digest-error-accepted": ("header-digest-bad",),
    "data-digest-error-accepted": ("data-digest-bad",),
}
"That there is a bad digest."


@pytest.mark.parametrize("name", names(digest_recovery))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name, NEAR_ALSO)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_request_that_is_sent_again_may_be_answered() -> None:
    talk = Talk(header_digest=True, error_recovery_level=1).open()
    talk.test_unit_ready()
    task = talk.command(header_digest="bad")
    talk.command(tag=task.tag, cmd_sn=task.cmd_sn)
    talk.response(task)
    assert findings_of(talk) == ["header-digest-bad"]


def test_digests_that_were_never_right_prove_nothing() -> None:
    talk = Talk(header_digest=True, data_digest=True).open()
    for _ in range(2):
        talk.response(talk.command(header_digest="bad"))
    talk.data_in(talk.command(read=4096, header_digest="bad"), 4096, status=0, data_digest="bad")
    talk.test_unit_ready(header_digest="bad")
    assert set(findings_of(talk)) == {"header-digest-bad", "data-digest-bad"}


def test_a_command_that_fails_is_one_of_the_ways_to_go_on() -> None:
    talk = Talk(data_digest=True).open()
    talk.write(4096)
    write = talk.command(write=4096)
    talk.data_out(write, 4096, burst=talk.r2t(write), data_digest="bad")
    talk.reject(talk.pdus[-1], reason=2)
    talk.response(write, 2, sense=bytes((0x70, 0, 0x0B, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x47, 5, 0, 0, 0, 0)))
    assert findings_of(talk) == ["data-digest-bad", "sense-iscsi-condition"]
