"""CHAP values that are no good, and challenges that stay the same."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import chap_habits
from tests.iscsi_analyzer.rules.said import CHALLENGED, CHAP, check_example, check_losses, check_near, names

NEAR = {
    "chap-algorithm-unknown": f"""
{CHAP}
talk.login_request({{"CHAP_A": "128,8,7,6,0x5"}}, csg=0, nsg=1, transit=False)
""",
    "chap-challenge-empty": f"""
{CHAP}
talk.login_request({{"CHAP_A": "5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x0"}})
""",
    "chap-name-empty": f"""
{CHALLENGED}
talk.login_request({{"CHAP_N": "-", "CHAP_R": "0x" + "cd" * 16}}, csg=0, nsg=1)
""",
    "chap-challenge-repeated": """
for number, login in enumerate((talk, talk.beside(), talk.beside(target="192.0.2.9"))):
    login.handshake()
    keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
    login.login_request(keys, csg=0, nsg=1, transit=False)
    login.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
    login.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
    login.login_response({"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * (16 - number % 2)})
    login.wait(2)
""",
    "chap-identifier-constant": """
keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP"}
for number in range(14):
    login = talk.beside()
    login.handshake()
    login.login_request(keys, csg=0, nsg=1, transit=False)
    login.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
    login.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
    identifier = "2" if number == 7 else "1"
    login.login_response({"CHAP_A": "5", "CHAP_I": identifier, "CHAP_C": f"0x{number:032x}"})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(chap_habits))
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
