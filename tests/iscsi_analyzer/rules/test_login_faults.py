"""What a side does after the other one has broken a rule of the login."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import login_faults
from iscsi_analyzer.rules.catalogue import rules, sections
from tests.iscsi_analyzer.rules.judging import example, found
from tests.iscsi_analyzer.rules.said import ANSWERED, KEYS, check_example, check_losses, check_near, names

ALSO = {
    "key-integrity-not-enforced": ("key-firstburst-exceeds-maxburst",),
    "key-reneg-not-dropped": ("key-duplicate",),
    "key-wrong-stage-accepted": ("key-wrong-stage",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "key-reneg-not-dropped": f"""
{ANSWERED}
talk.login_request(transit=False)
talk.login_response({{"TargetAlias": "two"}})
talk.login_request()
""",
    "key-wrong-stage-accepted": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "None", "InitiatorAlias": "a"}}, csg=0, nsg=1)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "None"}})
""",
    "key-integrity-not-enforced": f"""
{KEYS}
talk.login_request({{**keys, "MaxBurstLength": "65536"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "MaxBurstLength": "65536", "FirstBurstLength": "65536"}})
talk.login_request({{"FirstBurstLength": "65536"}})
talk.login_response()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(login_faults))
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
        ("key-reneg-not-dropped", "key-duplicate"),
        ("key-integrity-not-enforced", "key-firstburst-exceeds-maxburst"),
    ],
)
def test_a_finding_tells_which_fault_was_let_pass(rule: str, after: str) -> None:
    told = {finding.rule: finding.facts for finding in found(example(sections(rule)["Example"]))}
    assert told[rule] == {"rule": after}


def test_all_rules_that_are_waited_for_exist() -> None:
    """A name that is misspelt would never be found broken."""
    named = login_faults.INTEGRITY | login_faults.REPEATED
    assert sorted(named - set(rules())) == []
