"""The values of a CHAP exchange."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import chap
from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.rules.judging import example, found
from tests.iscsi_analyzer.rules.said import CHALLENGED, CHAP, MUTUAL, check_example, check_losses, check_near, names

ALSO = {
    "chap-reflection-accepted": ("chap-challenge-reflected",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "chap-md5-not-offered": f"""
{CHAP}
talk.login_request({{"CHAP_A": "7,5"}}, csg=0, nsg=1, transit=False)
""",
    "chap-a-answer-not-offered": f"""
{CHAP}
talk.login_request({{"CHAP_A": "5,7"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"CHAP_A": "7", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16}})
""",
    "chap-response-length": f"""
{CHALLENGED}
talk.login_request({{"CHAP_N": "alice", "CHAP_R": "0bq83vASNFZ4mrze8BI0VniQ=="}}, csg=0, nsg=1)
""",
    "chap-value-too-long": f"""
{CHAP}
talk.login_request({{"CHAP_A": "5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 1024}})
""",
    "chap-i-range": f"""
{CHAP}
talk.login_request({{"CHAP_A": "5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"CHAP_A": "5", "CHAP_I": "255", "CHAP_C": "0x" + "ab" * 16}})
""",
    "chap-encoding-invalid": f"""
{CHAP}
talk.login_request({{"CHAP_A": "5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "18446744073709551615"}})
""",
    "chap-challenge-reflected": f"""
{CHALLENGED}
talk.login_request({MUTUAL}, csg=0, nsg=1)
""",
    "chap-reflection-accepted": f"""
{CHALLENGED}
talk.login_request({MUTUAL}, csg=0, nsg=1)
talk.login_response({{"CHAP_N": "target", "CHAP_R": "0x" + "12" * 16}})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(chap))
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


@pytest.mark.parametrize("name", names(chap))
def test_no_finding_repeats_a_secret(name: str) -> None:
    """Challenges and responses stay out of findings, which are printed and exported."""
    for finding in found(example(sections(name)["Example"])):
        assert "abab" not in str(finding.facts).lower()
        assert "cdcd" not in str(finding.facts).lower()
