"""Who may say a key, when, and how often."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_place
from tests.iscsi_analyzer.rules.judging import example, findings_of
from tests.iscsi_analyzer.rules.said import ANSWERED, KEYS, check_example, check_losses, check_near, names

ALSO = {"key-reneg-not-rejected": ("key-renegotiated-in-login",)}
"What the example of a rule cannot but break, too: the request is wrong before its answer is."

NEAR = {
    "key-duplicate": f"""
{ANSWERED}
talk.login_request({{"MaxRecvDataSegmentLength": "8192"}})
talk.login_response({{"MaxRecvDataSegmentLength": "8192"}})
""",
    "key-renegotiated-in-login": f"""
{KEYS}
talk.login_request({{**keys, "HeaderDigest": "Y-com.example.a,CRC32C"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "HeaderDigest": "Reject"}})
talk.login_request({{"HeaderDigest": "None"}}, transit=False)
""",
    "key-reneg-not-rejected": f"""
{KEYS}
talk.login_request({{**keys, "HeaderDigest": "Y-com.example.a,CRC32C"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "HeaderDigest": "Reject"}})
talk.login_request({{"HeaderDigest": "None"}})
talk.login_response({{"HeaderDigest": "None"}}, transit=False)
""",
    "key-sender-wrong": """
talk.open(answer={"TargetAlias": "disk"}, offer={"InitiatorAlias": "host"})
""",
    "key-wrong-stage": f"""
{KEYS}
talk.login_request({{**keys, "InitiatorAlias": "a", "SessionType": "Normal", "AuthMethod": "None"}}, csg=0, nsg=1)
""",
    "key-lo-on-nonleading": """
talk.terms.max_connections = 2
talk.open()
talk.join().open(offer={"HeaderDigest": "None"}, answer={"HeaderDigest": "None"})
""",
    "key-io-in-ffp": """
talk.open()
talk.text({"MaxRecvDataSegmentLength": "8192"}, {"MaxRecvDataSegmentLength": "8192"})
""",
    "key-ffpo-in-login": """
talk.open(discovery=True)
talk.discover()
""",
    "key-vendor-in-discovery": """
talk.open(offer={"X-com.example.y": "1"}, answer={"X-com.example.y": "NotUnderstood"})
""",
    "key-unknown": """
talk.open(offer={"X-com.example.MaxBurstLenght": "1"}, answer={"X-com.example.MaxBurstLenght": "NotUnderstood"})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_place))
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


def test_a_target_that_refuses_a_repeated_key_keeps_to_the_rules() -> None:
    """Only the initiator is to blame."""
    talk = example(
        f"""
{KEYS}
talk.login_request({{**keys, "MaxBurstLength": "65536"}}, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "MaxBurstLength": "65536"}})
talk.login_request({{"MaxBurstLength": "8192"}})
talk.login_response(status=0x0200)
talk.fin()
"""
    )
    assert findings_of(talk) == ["key-renegotiated-in-login"]
