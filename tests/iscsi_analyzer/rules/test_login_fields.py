"""Header fields that stay the same through a login."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_fields
from tests.iscsi_analyzer.rules.said import ANSWERED, KEYS, check_example, check_losses, check_near, names

ALSO = {
    "login-version-changed": ("login-version-nonzero",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "login-i-bit-clear": f"""
{KEYS}
talk.login_request(keys, immediate=True)
""",
    "login-version-nonzero": f"""
{KEYS}
talk.login_request(keys, version_max=0, version_min=0)
""",
    "login-version-changed": f"""
{ANSWERED}
talk.login_request(version_max=0)
""",
    "login-response-version-changed": f"""
{ANSWERED}
talk.login_request()
talk.login_response(status=0x0205, version_max=1)
""",
    "login-version-active-invalid": f"""
{KEYS}
talk.login_request(keys)
talk.login_response(status=0x0205, version_active=1)
""",
    "login-itt-changed": f"""
{KEYS}
talk.login_request(keys, transit=False, initiator_task_tag=9)
talk.login_response({{"TargetPortalGroupTag": "1"}}, initiator_task_tag=9)
talk.login_request(initiator_task_tag=9)
""",
    "login-response-itt-mismatch": f"""
{KEYS}
talk.login_request(keys, initiator_task_tag=9)
talk.login_response({{"TargetPortalGroupTag": "1"}}, initiator_task_tag=9)
""",
    "login-isid-changed": f"""
{ANSWERED}
talk.login_request(isid=talk.session.isid)
other = talk.beside()
other.open()
""",
    "login-response-isid-mismatch": f"""
{KEYS}
talk.login_request(keys)
talk.login_response(status=0x0201, isid=bytes(6))
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_fields))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        """The example breaks the rule, and no other but those that cannot be kept then."""
        check_example(name, ALSO)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        """The near miss is correct, or says too little."""
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        """Without a frame, the beginning or one direction there is no finding that the whole capture does not have."""
        check_losses(name)
