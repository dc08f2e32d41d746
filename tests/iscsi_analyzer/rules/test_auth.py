"""How an authentication method is chosen, and where its keys stand."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import auth
from tests.iscsi_analyzer.rules.said import (
    CHALLENGED,
    KEYS,
    MUTUAL,
    RESPONSE,
    check_example,
    check_losses,
    check_near,
    names,
)

NEAR = {
    "auth-method-not-offered": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "CHAP,SRP"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "SRP"}})
""",
    "auth-target-leads": CHALLENGED,
    "auth-key-other-method": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "SRP,CHAP"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "SRP"}})
talk.login_request({{"SRP_U": "alice", "TargetAuth": "No"}}, csg=0, nsg=1, transit=False)
""",
    "auth-key-in-operational-stage": f"""
{CHALLENGED}
talk.login_request({RESPONSE}, csg=0, nsg=1)
talk.login_response()
talk.login_request()
talk.login_response()
""",
    "auth-first-step-late": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "CHAP"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"}}, more=True, transit=False)
talk.login_request(csg=0, nsg=1, transit=False)
talk.login_response({{"TargetAlias": "a"}})
talk.login_request({{"CHAP_A": "5"}}, csg=0, nsg=1, transit=False)
""",
    "auth-key-repeated": f"""
{CHALLENGED}
talk.login_request({MUTUAL}, csg=0, nsg=1)
talk.login_response({{"CHAP_N": "t", "CHAP_R": "0x" + "ab" * 16}})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(auth))
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
