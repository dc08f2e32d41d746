"""Which authentication methods are offered and chosen, in one login and the next."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import auth_methods
from tests.iscsi_analyzer.rules.judging import findings_of
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names
from tests.support.talk import Talk

NEAR = {
    "auth-method-unknown": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "SPKM1,KRB5,SRP,CHAP,Z-com.example.x"}}, csg=0, nsg=1, transit=False)
""",
    "auth-private-default-offer": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "Z-com.example.x,CHAP"}}, csg=0, nsg=1, transit=False)
""",
    "auth-ext-name-format": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "Z-com.example." + "x" * 49 + ",CHAP"}}, csg=0, nsg=1, transit=False)
""",
    "auth-none-offered": f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "None"}}, csg=0, nsg=1)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "None"}})
""",
    "auth-method-not-first": """
for offered, chosen in (("CHAP,SRP", "CHAP"), ("SRP,CHAP", "CHAP"), ("SRP,CHAP", "SRP"), ("SRP", "SRP")):
    login = talk.beside()
    login.handshake()
    keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": offered}
    login.login_request(keys, csg=0, nsg=1, transit=False)
    login.login_response({"TargetPortalGroupTag": "1", "AuthMethod": chosen})
other = talk.beside(initiator_name="iqn.2005-03.com.example:other")
other.handshake()
keys = {"InitiatorName": other.initiator_name, "TargetName": talk.target_name, "AuthMethod": "CHAP,SRP"}
other.login_request(keys, csg=0, nsg=1, transit=False)
other.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "SRP"})
""",
    "auth-varies-in-session": """
talk.terms.max_connections = 2
talk.open(security=False)
talk.join().open()
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(auth_methods))
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


def test_an_obsolete_method_is_held_against_those_who_know_better() -> None:
    """RFC 3720 had it; iSCSIProtocolLevel tells that both sides know RFC 7143."""
    for level, rules in (("", []), ("1", ["auth-method-unknown"])):
        talk = Talk()
        talk.handshake()
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name, "AuthMethod": "None,SPKM2"}
        talk.login_request(keys, csg=0, nsg=1)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "None"})
        known = {"iSCSIProtocolLevel": level} if level else {}
        talk.login_request(known)
        talk.login_response(known)
        assert [finding for finding in findings_of(talk) if finding != "auth-none-offered"] == rules
