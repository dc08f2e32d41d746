"""The values of keys, and the answers that an offer allows."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_values
from tests.iscsi_analyzer.rules.judging import findings_of
from tests.iscsi_analyzer.rules.said import check_example, check_losses, check_near, names
from tests.support.talk import Talk

NEAR = {
    "key-value-out-of-range": """
talk.open(offer={"MaxRecvDataSegmentLength": "512"})
""",
    "key-answer-inadmissible": """
talk.open(offer={"ErrorRecoveryLevel": "2"}, answer={"ErrorRecoveryLevel": "0"})
""",
    "key-list-answer-not-offered": """
talk.open(offer={"HeaderDigest": "CRC32C,None"}, answer={"HeaderDigest": "None"})
""",
    "key-min-violated": """
talk.open(answer={"MaxBurstLength": "65536"})
""",
    "key-max-violated": """
talk.open(answer={"DefaultTime2Wait": "3600"})
""",
    "key-and-violated": """
talk.open(offer={"ImmediateData": "Yes"}, answer={"ImmediateData": "No"})
""",
    "key-or-violated": """
talk.open(offer={"InitialR2T": "No"}, answer={"InitialR2T": "Yes"})
""",
    "key-reserved-value-offered": """
talk.open(offer={"X-com.example.foo": "1"}, answer={"X-com.example.foo": "NotUnderstood"})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_values))
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


def test_values_mean_nothing_in_a_login_that_joins_a_session() -> None:
    """Keys of a leading login may be answered in any way elsewhere: they should not have been said."""
    talk = Talk(max_connections=2).open()
    talk.join().open(offer={"MaxBurstLength": "8192"}, answer={"MaxBurstLength": "65536"})
    assert findings_of(talk) == ["key-lo-on-nonleading"]


def test_values_without_meaning_in_discovery_are_not_compared() -> None:
    """A target may answer the burst lengths of a discovery session with whatever it uses."""
    talk = Talk().open(discovery=True, offer={"MaxBurstLength": "8192"}, answer={"MaxBurstLength": "65536"})
    assert findings_of(talk) == []
