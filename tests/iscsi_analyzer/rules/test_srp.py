"""The steps of SRP and Kerberos, and their values."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import srp
from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.rules.judging import example, findings_of, found, sentence
from tests.iscsi_analyzer.rules.said import KEYS, check_example, check_losses, check_near, names

SRP = f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "SRP"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "SRP"}})
"""
"SRP is chosen."

GROUPS = f"""
{SRP}
talk.login_request({{"SRP_U": "alice", "TargetAuth": "Yes"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"SRP_GROUP": "SRP-1536,MODP-8192", "SRP_s": "0x" + "12" * 1024}})
"""
"The target has sent its groups."

PROVED = f"""
{GROUPS}
talk.login_request({{"SRP_A": "0x" + "ab" * 1024, "SRP_GROUP": "MODP-8192"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"SRP_B": "0x" + "cd" * 1024}})
talk.login_request({{"SRP_M": "0x" + "ef" * 20}}, csg=0, nsg=1)
"""
"The initiator has sent its proof."

KERBEROS = f"""
{KEYS}
talk.login_request({{**keys, "AuthMethod": "KRB5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "KRB5"}})
"""
"Kerberos is chosen."

ALSO = {
    "krb-step-order": ("auth-target-leads",),
    "krb-value-too-long": ("text-negotiation-too-large",),
}
"What breaks a rule here cannot but break these, too."

NEAR = {
    "srp-step-order": PROVED,
    "srp-group-1536-missing": GROUPS,
    "srp-group-not-offered": PROVED,
    "srp-group-unknown": f"""
{SRP}
talk.login_request({{"SRP_U": "alice", "TargetAuth": "No"}}, csg=0, nsg=1, transit=False)
groups = "SRP-768,SRP-1024,SRP-1280,SRP-1536,SRP-2048,MODP-3072,MODP-4096,MODP-6144,MODP-8192"
talk.login_response({{"SRP_GROUP": groups, "SRP_s": "0x12"}})
""",
    "srp-value-too-long": PROVED,
    "srp-hm-missing": f"""
{PROVED}
talk.login_response({{"SRP_HM": "0x" + "01" * 20}})
""",
    "krb-step-order": f"""
{KERBEROS}
talk.login_request({{"KRB_AP_REQ": "0x12"}}, csg=0, nsg=1)
talk.login_response({{"KRB_AP_REP": "0x34"}})
""",
    "krb-value-too-long": f"""
{KERBEROS}
talk.login_request({{"KRB_AP_REQ": "0x" + "12" * 1025}}, csg=0, nsg=1)
""",
}
"Conversations that nearly break the rule, and break none."


@pytest.mark.parametrize("name", names(srp))
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
    ("first", "step", "wrong"),
    [
        ("", '{"SRP_U": "alice"}', "SRP_U where SRP_U with TargetAuth is due"),
        ("", '{"TargetAuth": "No", "SRP_U": "alice", "SRP_A": "0x1"}', "TargetAuth with SRP_U with SRP_A where"),
        (GROUPS, '{"SRP_A": "0x1"}', "SRP_A where SRP_A with SRP_GROUP is due"),
        (GROUPS, '{"SRP_M": "0x1"}', "SRP_M where SRP_A with SRP_GROUP is due"),
    ],
)
def test_a_step_is_complete_and_in_its_place(first: str, step: str, wrong: str) -> None:
    talk = example(f"{first or SRP}\ntalk.login_request({step}, csg=0, nsg=1, transit=False)")
    (finding,) = found(talk)
    assert sentence(finding).startswith(f"srp-step-order (initiator): {wrong}")


def test_a_proof_that_nobody_asked_for_is_out_of_order() -> None:
    talk = example(PROVED.replace('"Yes"', '"No"') + '\ntalk.login_response({"SRP_HM": "0x" + "01" * 20})')
    assert findings_of(talk) == ["srp-step-order"]


def test_no_finding_repeats_a_value() -> None:
    for name in names(srp):
        for finding in found(example(sections(name)["Example"])):
            assert not {"abab", "cdcd", "1212", "AAAA"} & {str(finding.facts)[at : at + 4] for at in range(500)}
