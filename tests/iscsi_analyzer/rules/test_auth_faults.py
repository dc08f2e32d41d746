"""What a side does after a step of the authentication."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import auth_faults
from iscsi_analyzer.rules.catalogue import rules, sections
from tests.iscsi_analyzer.rules.judging import example, found
from tests.iscsi_analyzer.rules.said import CHALLENGED, MUTUAL, RESPONSE, check_example, check_losses, check_near, names

ALSO = {
    "auth-bad-step-accepted": ("chap-response-length",),
    "auth-bad-step-wrong-status": ("chap-response-incomplete",),
    "auth-bad-step-not-aborted": ("chap-challenge-incomplete",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "auth-bad-step-accepted": f"""
{CHALLENGED}
talk.login_request({RESPONSE}, csg=0, nsg=1)
talk.login_response()
""",
    "auth-bad-step-wrong-status": f"""
{CHALLENGED}
talk.login_request({RESPONSE}, csg=0, nsg=1)
talk.login_response(status=0x0201)
""",
    "auth-failure-wrong-status": f"""
{CHALLENGED}
talk.login_request({{**{RESPONSE}, "InitiatorAlias": "a"}}, csg=0, nsg=1)
talk.login_response(status=0x0200)
""",
    "auth-bad-step-not-aborted": f"""
{CHALLENGED}
talk.login_request({RESPONSE}, csg=0, nsg=1)
""",
    "chap-response-equal-both-ways": f"""
{CHALLENGED}
talk.login_request({MUTUAL}, csg=0, nsg=1)
talk.login_response({{"CHAP_N": "target", "CHAP_R": "0x" + "CD" * 16}})
talk.fin()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(auth_faults))
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


@pytest.mark.parametrize(
    ("rule", "after"),
    [
        ("auth-bad-step-accepted", "chap-response-length"),
        ("auth-bad-step-wrong-status", "chap-response-incomplete"),
        ("auth-bad-step-not-aborted", "chap-challenge-incomplete"),
    ],
)
def test_a_finding_tells_which_fault_was_let_pass(rule: str, after: str) -> None:
    told = {finding.rule: finding.facts for finding in found(example(sections(rule)["Example"]))}
    assert told[rule] == {"rule": after}


def test_all_rules_that_are_waited_for_exist() -> None:
    """A name that is misspelt would never be found broken."""
    named = auth_faults.STEPS | auth_faults.ANSWERS
    assert sorted(named - set(rules())) == []
