"""How keys and values are written."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_syntax
from tests.iscsi_analyzer.rules.said import check_example, check_losses, check_near, names

NEAR = {
    "text-pair-not-terminated": """
talk.handshake()
talk.login_request(b"InitiatorName=iqn.2005-03.com.example:a\\0TargetName=iqn.2005-03.com.example:b\\0")
""",
    "text-no-equals": """
talk.open()
talk.text_request(b"SendTargets=\\0")
""",
    "text-keyname-too-long": """
talk.open(offer={"X-com.example." + "a" * 49: "1"}, answer={"X-com.example." + "a" * 49: "NotUnderstood"})
""",
    "text-keyname-charset": """
talk.open(offer={"X-com.example.a_b-c+d@e": "1"}, answer={"X-com.example.a_b-c+d@e": "NotUnderstood"})
""",
    "text-key-case": """
talk.open(offer={"X-com.headerdigest": "None"}, answer={"X-com.headerdigest": "NotUnderstood"})
""",
    "text-value-not-utf8": """
talk.open(offer={"InitiatorAlias": "größe"})
""",
    "text-value-too-long": """
talk.open(offer={"InitiatorAlias": "a" * 255})
""",
    "text-boolean-invalid": """
talk.open(offer={"ImmediateData": "No"}, answer={"ImmediateData": "No"})
""",
    "text-number-format": """
talk.open(offer={"MaxBurstLength": "0x10000"}, answer={"MaxBurstLength": "65536"})
""",
    "text-range-misused": """
talk.open(offer={"X-com.example.a": "1~4"}, answer={"X-com.example.a": "NotUnderstood"})
""",
    "text-list-malformed": """
talk.open(offer={"HeaderDigest": "CRC32C,None"}, answer={"HeaderDigest": "None"})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_syntax))
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
