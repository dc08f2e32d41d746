"""How a login is refused or redirected, and what comes after it."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_refused
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names

NEAR = {
    "login-status-class-unknown": f"""
{KEYS}
talk.login_request(keys)
talk.login_response(status=0x0302)
talk.fin()
""",
    "login-status-detail-unknown": f"""
{KEYS}
talk.login_request(keys)
talk.login_response(status=0x020B)
talk.fin()
""",
    "login-success-with-detail": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetPortalGroupTag": "1"}}, status=0)
""",
    "login-redirect-no-address": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetAddress": "192.0.2.9:3260"}}, status=0x0101)
talk.fin()
""",
    "login-redirect-with-tpgt": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetAddress": "[2001:db8::9]:3260"}}, status=0x0102)
talk.fin()
""",
    "login-pdu-after-reject": f"""
{KEYS}
talk.login_request(keys)
talk.login_response(status=0x0203)
with talk.deaf("I2T"):
    talk.login_request(keys)
""",
    "login-error-not-closed": f"""
{KEYS}
talk.login_request(keys)
talk.login_response(status=0x0203)
talk.wait(60)
talk.fin()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_refused))
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
