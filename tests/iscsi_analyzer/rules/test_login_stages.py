"""The stages of a login, and the bits that move it on."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_stages
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names

NEAR = {
    "login-t-and-c-set": f"""
{KEYS}
talk.login_request(keys, transit=False, more=True)
""",
    "login-csg-reserved": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "None"}}, csg=0, nsg=2, transit=False)
""",
    "login-csg-ffp": f"""
{KEYS}
talk.login_request(keys)
talk.login_response(status=0x0200, csg=3)
""",
    "login-stage-transition-illegal": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "None"}}, csg=0, nsg=3)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "None"}})
""",
    "login-stage-skew": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "None"}}, csg=0, nsg=3)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "None"}}, nsg=1)
talk.login_request(csg=1, nsg=3)
""",
    "login-security-after-operational": "talk.open(security=True)",
    "login-nsg-exceeds-requested": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "None"}}, csg=0, nsg=3)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "None"}}, nsg=1)
""",
    "login-t-unsolicited": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetPortalGroupTag": "1"}}, transit=False)
""",
    "login-c-answer-nonempty": f"""
{KEYS}
talk.login_request(keys, transit=False, more=True)
talk.login_response()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_stages))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        """The example breaks the rule, and no other but those that cannot be kept then."""
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        """The near miss is correct, or says too little."""
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        """Without a frame, the beginning or one direction there is no finding that the whole capture does not have."""
        check_losses(name)
