"""Text keeps its length and its keys; secrets go, and names if they are to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dissectors.iscsi.keys import build_text, parse_text
from iscsi_analyzer.redaction.addresses import Addresses
from iscsi_analyzer.redaction.pseudonyms import Pseudonyms
from iscsi_analyzer.redaction.texts import Texts
from iscsi_analyzer.redaction.what import What
from iscsi_analyzer.run import Analysis
from tests.support.samples import sample

ALL = What(names=True, addresses=True)


def texts(what: What = ALL) -> Texts:
    pseudonyms = Pseudonyms()
    return Texts(what, pseudonyms, Addresses(pseudonyms))


def changed(key: str, value: str, what: What = ALL) -> str:
    [pair] = parse_text(texts(what).text(build_text([(key, value)]))).pairs
    assert pair.key == key
    assert len(pair.value.encode()) == len(value.encode())
    return pair.value


def test_secrets_go_always() -> None:
    for key, value in (("CHAP_R", "0x1234567890abcdef"), ("chap_c", "0bYWJjZGVmZ2g="), ("SRP_M", "0xdeadbeef")):
        assert changed(key, value, What()) != value


def test_names_and_addresses_go_on_request() -> None:
    for key, value in (
        ("InitiatorName", "iqn.2003-01.org.example:host"),
        ("TargetAlias", "the big one"),
        ("CHAP_N", "somebody"),
        ("X-com.example.note", "my note"),
        ("TargetAddress", "192.168.10.20:3260,1"),
        ("TargetAddress", "storage.example.org:3260,1"),
        ("SendTargets", "iqn.2003-01.org.example:disk"),
    ):
        assert changed(key, value) != value
        assert changed(key, value, What()) == value
    assert changed("TargetAddress", "192.168.10.20:3260,1").endswith(":3260,1")
    assert changed("TargetAddress", "192.168.10.20:3260,1", What(names=True)) == "192.168.10.20:3260,1"


def test_what_is_negotiated_stays() -> None:
    for key, value in (("SendTargets", "All"), ("CHAP_A", "5"), ("MaxBurstLength", "262144"), ("HeaderDigest", "None")):
        assert changed(key, value) == value
    assert changed("X-unknown", "NotUnderstood") == "NotUnderstood"


def test_a_value_that_goes_on_in_the_next_pdu_is_replaced_in_both() -> None:
    """As if it stood in one."""
    whole = build_text([("CHAP_R", "0x" + "ab" * 16)])
    alone = texts().text(whole)
    assert b"abab" not in alone
    assert len(alone) == len(whole)


def test_the_text_of_a_capture_loses_its_secrets_and_nothing_else() -> None:
    with Analysis([sample("m06_chap_mutual")]) as analysis:
        store = analysis.run().store
        found = texts(What()).changed(store)
        assert found
        for number, new in found.items():
            old = parse_text(store.data(number)).pairs
            for one, two in zip(old, parse_text(new).pairs, strict=True):
                assert (one.key, len(one.value)) == (two.key, len(two.value))
                assert (one.value == two.value) == (one.key not in ("CHAP_R", "CHAP_C"))


@given(st.binary(max_size=120))
def test_no_text_makes_it_raise_or_changes_its_length(data: bytes) -> None:
    assert len(texts().text(data)) == len(data)
