"""How names are written."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import naming
from tests.iscsi_analyzer.rules.said import check_example, check_losses, check_near, names

NEAR = {
    "name-too-long": """
talk.handshake()
talk.login_request({"InitiatorName": "iqn.2005-03.com.example:" + "a" * 199, "TargetName": talk.target_name})
""",
    "name-empty": """
talk.handshake()
talk.login_request({"InitiatorName": "iqn.2005-03.com", "TargetName": talk.target_name})
""",
    "name-type-unknown": """
talk.handshake()
talk.login_request({"InitiatorName": "eui.02004567A425678D", "TargetName": talk.target_name})
""",
    "name-iqn-date": """
talk.handshake()
talk.login_request({"InitiatorName": "iqn.2001-12.com.example", "TargetName": talk.target_name})
""",
    "name-iqn-authority": """
talk.handshake()
talk.login_request({"InitiatorName": "iqn.2001-04.com:a..b", "TargetName": talk.target_name})
""",
    "name-eui-format": """
talk.handshake()
talk.login_request({"InitiatorName": "eui.02004567a425678d", "TargetName": talk.target_name})
""",
    "name-naa-format": """
talk.handshake()
talk.login_request({"InitiatorName": "naa.62004567BA64678D0123456789ABCDEF", "TargetName": talk.target_name})
""",
    "name-uppercase": """
talk.handshake()
talk.login_request({"InitiatorName": "naa.52004567BA64678D", "TargetName": talk.target_name})
""",
    "name-not-utf8": """
talk.handshake()
talk.login_request({"InitiatorName": "iqn.2001-04.com.example:größe", "TargetName": talk.target_name})
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(naming))
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
