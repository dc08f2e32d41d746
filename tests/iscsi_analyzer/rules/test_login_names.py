"""Which names a login carries, and where."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_names
from tests.iscsi_analyzer.rules.said import ANSWERED, KEYS, check_example, check_losses, check_near, names

ALSO = {
    "login-name-late": ("login-targetname-missing",),
    "login-missing-param-accepted": ("login-initiatorname-missing",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "login-initiatorname-missing": f"""
{KEYS}
talk.login_request(b"TargetName=iqn.2005-03.com.example:b\\0", transit=False, more=True)
talk.login_response()
talk.login_request(b"InitiatorName=iqn.2005-03.com.example:a\\0")
""",
    "login-targetname-missing": f"""
{KEYS}
talk.login_request({{"SessionType": "Discovery", "InitiatorName": talk.initiator_name}})
""",
    "login-name-late": f"""
{KEYS}
talk.login_request({{"SessionType": "Discovery", "InitiatorName": talk.initiator_name}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1"}})
talk.login_request({{"TargetName": talk.target_name}})
""",
    "login-missing-param-accepted": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetPortalGroupTag": "1"}})
""",
    "key-name-redeclared": f"""
{ANSWERED}
talk.login_request({{"InitiatorAlias": "a"}})
""",
    "key-targetname-by-target": """
talk.open(discovery=True)
talk.discover()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_names))
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
