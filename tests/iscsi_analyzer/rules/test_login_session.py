"""What names the session and the connection of a login."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_session
from tests.iscsi_analyzer.rules.said import ANSWERED, KEYS, check_example, check_losses, check_near, names

ALSO = {
    "login-discovery-second-connection": ("key-lo-on-nonleading",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "login-tsih-changed": f"""
{ANSWERED}
talk.login_request(tsih=0)
""",
    "login-cid-changed": f"""
{KEYS}
talk.login_request(keys, cid=7, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1"}})
talk.login_request(cid=7)
""",
    "isid-type-reserved": f"""
{KEYS}
talk.login_request(keys, isid=bytes.fromhex("800000000001"))
""",
    "login-tsih-early": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetPortalGroupTag": "1"}}, tsih=7)
""",
    "login-final-tsih-zero": f"""
{KEYS}
talk.login_request(keys)
talk.login_response(status=0x0201, tsih=0)
""",
    "login-tsih-mismatch": f"""
{KEYS}
talk.login_request(keys, tsih=0x0700)
talk.login_response({{"TargetPortalGroupTag": "1"}}, tsih=0x0700)
""",
    "login-discovery-second-connection": """
talk.open(discovery=True)
other = talk.join()
other.handshake()
other.login_request({"InitiatorName": talk.initiator_name, "SessionType": "Discovery"})
other.login_response(status=0x0206)
other.fin()
""",
    "login-tpgt-missing": """
talk.open(discovery=True, answer={"TargetPortalGroupTag": ""})
""",
    "login-tpgt-late": f"""
{KEYS}
talk.login_request(b"InitiatorName=iqn.2005-03.com.example:a", transit=False, more=True)
talk.login_response()
talk.login_request(b"\\0TargetName=iqn.2005-03.com.example:b\\0")
talk.login_response({{"TargetPortalGroupTag": "1"}})
""",
    "login-tpgt-changed": """
talk.terms.max_connections = 2
talk.open()
talk.join().open()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_session))
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
