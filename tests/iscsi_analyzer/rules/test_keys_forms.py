"""How values are spelt, and where texts begin and end."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import keys_forms
from tests.iscsi_analyzer.rules.judging import example, findings_of
from tests.iscsi_analyzer.rules.said import ANSWERED, CHALLENGED, KEYS, check_example, check_losses, check_near, names

ALSO = {
    "text-c-missing": ("text-pair-not-terminated", "text-no-equals"),
    "text-keyname-initial": ("key-unknown",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "text-extra-nul": f"""
{KEYS}
talk.login_request(keys, transit=False, padding=bytes(4))
talk.login_response({{"TargetPortalGroupTag": "1", "TargetAlias": ""}})
""",
    "text-c-missing": f"""
{KEYS}
talk.login_request(b"InitiatorName=iqn.2005-03.com.example:a\\0TargetName=iqn.2", transit=False, more=True)
talk.login_response()
talk.login_request(b"005-03.com.example:b\\0")
""",
    "text-keyname-initial": """
talk.open(offer={"iSCSIProtocolLevel": "1"}, answer={"iSCSIProtocolLevel": "1"})
""",
    "text-value-charset": """
talk.open(offer={"HeaderDigest": "CRC-32.C+@_/[]:,None", "X-com.example.y": "*"}, answer={
    "HeaderDigest": "None", "X-com.example.y": "NotUnderstood"})
""",
    "text-decimal-binary": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "KRB5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "KRB5"}})
talk.login_request({{"KRB_AP_REQ": "18446744073709551615"}}, csg=0, nsg=1, transit=False)
""",
    "text-hex-invalid": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "KRB5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "KRB5"}})
talk.login_request({{"KRB_AP_REQ": "0XaF0"}}, csg=0, nsg=1, transit=False)
""",
    "text-base64-invalid": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "KRB5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "KRB5"}})
talk.login_request({{"KRB_AP_REQ": "0BAb+/Ab=="}}, csg=0, nsg=1, transit=False)
""",
    "text-negotiation-too-large": f"""
{ANSWERED}
more = {{f"X-com.example.n{{item}}": "a" * 200 for item in range(35)}}
talk.login_request(more, transit=False)
talk.login_response(dict.fromkeys(more, "NotUnderstood"))
talk.login_request(transit=False)
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(keys_forms))
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


@pytest.mark.parametrize("value", ["0b", "0bAB", "0bAB=", "0bABC", "0bABCD=", "0bA=BC", "0bABC*", "0bABCDE==="])
def test_base64_comes_in_full_groups(value: str) -> None:
    start = f"{KEYS}\ntalk.login_request({{**keys, 'AuthMethod': 'KRB5'}}, csg=0, nsg=1, transit=False)"
    chosen = "talk.login_response({'TargetPortalGroupTag': '1', 'AuthMethod': 'KRB5'})"
    last = f"talk.login_request({{'KRB_AP_REQ': {value!r}}}, csg=0, nsg=1, transit=False)"
    assert findings_of(example("\n".join((start, chosen, last)))) == ["text-base64-invalid"]


def test_base64_of_chap_without_its_end_is_readable_and_wrong() -> None:
    """Sixteen bytes take two equals signs; a value that cannot be read at all breaks the rule of CHAP instead."""
    for value, rule in (("A" * 22, "text-base64-invalid"), ("*" * 24, "chap-encoding-invalid")):
        talk = example(f"{CHALLENGED}\ntalk.login_request({{'CHAP_N': 'a', 'CHAP_R': '0b{value}'}}, csg=0, nsg=1)")
        assert findings_of(talk) == [rule]


def test_a_key_that_is_cut_in_two_goes_on_without_the_c_bit() -> None:
    """The rest may look like a pair, of a key that nobody knows."""
    talk = example(f"""
{KEYS}
names = b"InitiatorName=iqn.2005-03.com.example:a\\0TargetName=iqn.2005-03.com.example:b\\0"
talk.login_request(names + b"MaxBur", transit=False)
talk.login_response({{"TargetPortalGroupTag": "1"}})
talk.login_request(b"stLength=65536\\0")
""")
    assert "text-c-missing" in findings_of(talk)
