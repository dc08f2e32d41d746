"""Who speaks when: the login comes first, and its requests and responses alternate."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_order
from tests.iscsi_analyzer.rules.judging import example, findings_of, without
from tests.iscsi_analyzer.rules.said import ANSWERED, KEYS, check_example, check_losses, check_near, names

ALSO = {
    "target-answers-before-login": ("login-not-first-pdu",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "login-not-first-pdu": """
talk.open()
talk.test_unit_ready()
""",
    "target-answers-before-login": """
talk.handshake()
request = talk.login_request({"InitiatorName": talk.initiator_name, "SessionType": "Discovery"})
talk.login_response(status=0x020B)
talk.fin()
""",
    "target-speaks-first": """
talk.open()
talk.target_ping()
""",
    "initiator-nonlogin-during-login": f"""
{ANSWERED}
talk.login_request()
talk.login_response()
talk.test_unit_ready()
""",
    "ffp-pdu-before-login-response": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetPortalGroupTag": "1"}})
talk.command()
""",
    "target-nonlogin-during-login": f"""
{KEYS}
talk.login_request(keys)
talk.login_response({{"TargetPortalGroupTag": "1"}})
talk.nop_in()
""",
    "login-after-ffp": """
talk.open()
talk.close()
talk.beside().open()
""",
    "login-outstanding-multiple": f"""
{ANSWERED}
talk.login_request()
""",
    "login-response-unsolicited": f"""
{KEYS}
talk.login_request(keys, transit=False, more=True)
talk.login_response()
talk.login_request({{"InitiatorAlias": "a"}})
talk.login_response({{"TargetPortalGroupTag": "1"}})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_order))
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


def test_an_unseen_response_that_was_acknowledged_counts_as_an_answer() -> None:
    """The second request acknowledges bytes of the target that the capture lacks."""
    talk = example(ANSWERED + "talk.login_request()")
    response = talk.pdus[1].spans[0][0]
    assert findings_of(without(talk, response)) == []
