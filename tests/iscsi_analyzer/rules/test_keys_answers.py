"""Which answers are due, and which are no answers."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_answers
from iscsi_analyzer.rules.desk import INITIATOR
from tests.iscsi_analyzer.rules.judging import example, finding_of, findings_of
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names

NEAR = {
    "key-answer-missing": """
talk.open(offer={"InitialR2T": "Yes", "DataPDUInOrder": "Yes"}, answer={"InitialR2T": "", "DataPDUInOrder": ""})
""",
    "key-unknown-unanswered": """
talk.open(offer={"X-com.example.foo": "1"}, answer={"X-com.example.foo": "NotUnderstood"})
""",
    "login-t-with-open-proposals": f"""
{KEYS}
talk.login_request({{**keys, "MaxConnections": "1"}})
talk.login_response({{"TargetPortalGroupTag": "1", "MaxConnections": "1", "DefaultTime2Wait": "3"}}, transit=False)
talk.login_request({{"DefaultTime2Wait": "3"}})
talk.login_response()
""",
    "login-negotiation-failure-not-terminated": """
talk.open(offer={"TaskReporting": "RFC3720,ResponseFence", "IFMarker": "No"}, answer={
    "TaskReporting": "Reject", "IFMarker": "Reject"})
""",
    "key-notunderstood-standard": """
talk.open(offer={"TaskReporting": "RFC3720,ResponseFence"}, answer={"TaskReporting": "NotUnderstood"})
""",
    "key-irrelevant-answer-unjustified": """
talk.open(discovery=True, offer={"MaxConnections": "1"}, answer={"MaxConnections": "Irrelevant"})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_answers))
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


def test_an_initiator_that_ends_the_stage_owes_answers_to_earlier_offers() -> None:
    """The target had offered MaxBurstLength; the next request has T and no answer."""
    talk = example(
        KEYS
        + """
talk.login_request(keys)
talk.login_response({"TargetPortalGroupTag": "1", "MaxBurstLength": "65536"}, transit=False)
talk.login_request()
talk.login_response()
"""
    )
    finding = finding_of(talk, "key-answer-missing")
    assert (finding.party, finding.pdu, finding.related) == (INITIATOR, 4, [2])


def test_a_key_that_is_offered_again_is_owed_no_second_answer() -> None:
    """The initiator repeats what is settled; the target passes over it instead of refusing the login."""
    talk = example(
        KEYS
        + """
talk.login_request({**keys, "MaxBurstLength": "65536"})
talk.login_response({"TargetPortalGroupTag": "1", "MaxBurstLength": "65536"}, transit=False)
talk.login_request({"MaxBurstLength": "65536"})
talk.login_response()
"""
    )
    assert findings_of(talk) == ["key-renegotiated-in-login", "key-reneg-not-rejected"]
