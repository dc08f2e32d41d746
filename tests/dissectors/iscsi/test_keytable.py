"""The laws of the key table: it is consistent in itself, and its defaults are legal values."""

from __future__ import annotations

import pytest

from dissectors.iscsi import keytable
from dissectors.iscsi.keytable import KEYS, Key, find_key
from dissectors.iscsi.values import parse_boolean, parse_list, parse_number

EVERY = pytest.mark.parametrize("key", KEYS.values(), ids=KEYS.keys())


@EVERY
def test_every_column_has_one_of_its_values(key: Key) -> None:
    assert key.use in ("LO", "IO", "FFPO", "ALL")
    assert key.senders in ("initiator", "target", "both")
    assert key.scope in ("SW", "CO")
    assert key.kind in ("negotiated", "declarative", "request", "authentication")
    assert key.status in ("current", "obsolete", "iSER")
    assert key.rfc.startswith("RFC ")
    assert set(key.stages) <= {"security", "operational", "full feature"}
    assert key.high == 0 or key.low <= key.high


@EVERY
def test_negotiated_keys_say_how_the_result_follows_and_others_do_not(key: Key) -> None:
    assert bool(key.result) is (key.kind == "negotiated")


@EVERY
def test_results_fit_the_form_of_the_values(key: Key) -> None:
    forms = {
        "minimum": ("number",), "maximum": ("number",), "and": ("boolean",), "or": ("boolean",),
        "first supported": ("list",), "within the offered range": ("range",),
    }  # fmt: skip
    assert not key.result or key.form in forms[key.result]


@EVERY
def test_defaults_are_legal_values(key: Key) -> None:
    if key.default is None:
        return
    if key.form in ("number", "range"):
        number = parse_number(key.default)
        assert number is not None and key.low <= number <= key.high
    elif key.form == "boolean":
        assert parse_boolean(key.default) is not None
    elif key.choices:
        assert set(parse_list(key.default)) <= set(key.choices)


@EVERY
def test_conditions_name_keys_and_values_that_exist(key: Key) -> None:
    for condition in key.irrelevant:
        for name, value in condition:
            assert value in KEYS[name].choices


@EVERY
def test_an_answer_may_be_left_out_only_for_a_legal_offer(key: Key) -> None:
    assert key.silent_answer is None or key.silent_answer in key.choices


def test_filter_names_are_unique_and_wiresharks() -> None:
    named = [key.filter for key in KEYS.values() if key.filter]
    assert len(set(named)) == len(named)
    others = [name for name in named if not name.startswith("iscsi.login.")]
    assert others == ["iscsi.error_recovery_level"]


def test_keys_are_found_by_their_exact_name() -> None:
    assert find_key("HeaderDigest") is KEYS["HeaderDigest"]
    assert find_key("headerdigest") is None
    assert find_key("X-com.example.anything") is keytable.PRIVATE
    assert find_key("X#NodeArchitecture") is KEYS["X#NodeArchitecture"]
    assert find_key("") is None
