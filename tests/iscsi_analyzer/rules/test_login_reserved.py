"""What login PDUs carry where it means nothing."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_reserved
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, names
from tests.iscsi_analyzer.rules.said import KEYS

NEAR = {
    "login-nsg-with-t0": f"""
{KEYS}
talk.login_request(keys, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1"}})
""",
    "isid-a-field-reserved": f"""
{KEYS}
talk.login_request(keys, isid=bytes.fromhex("3f0000000001"))
""",
    "login-textual-response-to-reject": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetPortalGroupTag": "1", "TargetAddress": "192.0.2.9:3260"}}, status=0x0101)
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_reserved))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        """The example breaks the rule, and no other."""
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        """The near miss is correct, or says too little."""
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        """Without a frame, the beginning or one direction there is no finding that the whole capture does not have."""
        check_losses(name)
