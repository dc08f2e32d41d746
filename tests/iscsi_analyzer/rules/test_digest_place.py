"""Digests where there are none."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import digest_place
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, findings_of, names
from tests.support.talk import Talk

NEAR = {
    "digest-before-ffp": """
        talk = Talk(header_digest=True, data_digest=True).open()
        talk.ping(b"ping")
        """,
    "data-digest-on-empty-segment": """
        talk = Talk(data_digest=True).open()
        talk.ping()
        talk.ping(b"ping")
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(digest_place))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize("data", [b"", b"AuthMethod=None\0"])
def test_a_target_that_sends_digests_too_early_is_told_whatever_they_cover(data: bytes) -> None:
    talk = Talk().open()
    other = talk.beside()
    other.handshake()
    keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "None"}
    other.login_request(keys, csg=0, nsg=1, transit=False)
    digests = {"data_digest": True} if data else {"header_digest": True}
    other.login_response(data, csg=0, transit=False, **digests)
    other.login_request(b"", csg=0, nsg=1)
    other.login_response(b"", csg=0, nsg=1)
    assert "digest-before-ffp" in findings_of(talk)
