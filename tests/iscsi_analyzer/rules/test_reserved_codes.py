"""Codes that mean nothing and are carried out."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import reserved_codes
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

ALSO = {"reserved-code-not-reported": ("tmf-function-unassigned",)}
"What cannot be kept by whoever breaks the rule."

NEAR = {
    "reserved-code-not-reported": """
        talk.open()
        talk.tmf(7)
        talk.logout()
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(reserved_codes))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


def test_a_logout_for_no_reason_is_one_of_them() -> None:
    talk = Talk().open()
    request = talk.logout_request(3, cid=0)
    talk.logout_response(tag=request.word(16))
    assert "reserved-code-not-reported" in findings_of(talk)
