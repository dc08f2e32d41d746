"""How a login goes on and comes to its end."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_progress
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, names
from tests.iscsi_analyzer.rules.said import ANSWERED, KEYS

ALSO = {
    "login-stage-left-unanswered": ("key-answer-missing",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "login-t-dropped": f"""
{ANSWERED}
talk.login_request()
talk.login_response({{"HeaderDigest": "None"}}, transit=False)
talk.login_request({{"HeaderDigest": "None"}}, transit=False)
""",
    "login-empty-without-cause": f"""
{KEYS}
talk.login_request({{**keys, "X-com.example.a": "1"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1"}})
talk.login_request(transit=False)
talk.login_response({{"X-com.example.a": "NotUnderstood"}})
""",
    "login-sessiontype-late": f"""
{KEYS}
talk.login_request(b"InitiatorName=iqn.2005-03.com.example:a\\0SessionType=Disc", transit=False, more=True)
talk.login_response()
talk.login_request(b"overy\\0")
talk.login_response()
""",
    "login-stage-left-unanswered": f"""
{KEYS}
talk.login_request({{**keys, "InitialR2T": "Yes"}})
talk.login_response({{"TargetPortalGroupTag": "1"}})
talk.ping()
""",
    "login-response-missing": f"""
{KEYS}
talk.login_request(keys)
talk.rst("T2I")
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_progress))
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
