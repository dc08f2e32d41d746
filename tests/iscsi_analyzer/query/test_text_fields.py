"""Keys of login and text PDUs: each pair where it ends, numbers as numbers, texts that were cut as far as they go."""

from __future__ import annotations

from functools import cache

import pytest

from dissectors.iscsi.keytable import KEYS
from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.query.text_fields import text_fields
from iscsi_analyzer.store.store import Store
from tests.iscsi_analyzer.query.slow import Slow
from tests.iscsi_analyzer.stores import Feeding, cut_short, found, found_tasks, store_of, varied
from tests.support.talk import Talk


@cache
def continued() -> Store:
    """Text over several PDUs, with pairs that begin in one and end in another, in both directions at the same time."""
    talk = Talk()
    talk.handshake()
    talk.login_request(b"InitiatorName=iqn.x\0TargetName=iqn.a-very", more=True, transit=False)
    talk.login_response(b"TargetAlias=half of", more=True, transit=False)
    talk.login_request(b"-long", more=True, transit=False)
    talk.login_response(b" an alias\0TargetPortalGroupTag=7\0")
    talk.login_request(b"-name\0MaxBurstLength=0x10000\0MaxConnections=many\0")
    talk.login_response(b"HeaderDigest=None\0=\0no equals sign\0\xff\xfe=\xff\0", status=0)
    return store_of(talk.frames)


@pytest.mark.parametrize("make", [varied, cut_short, continued])
def test_pairs_are_those_that_details_show(make: object) -> None:
    slow = Slow(make())  # type: ignore[operator]
    pairs = {n: slow.pdu(n).keys for n in range(1, len(slow.store) + 1)}
    assert found("iscsi.keyvalue", slow.store) == [n for n, found_pairs in pairs.items() if found_pairs]
    for key, value in {pair for found_pairs in pairs.values() for pair in found_pairs}:
        text = f"{key}={value}".replace("\\", "\\\\").replace('"', '\\"')
        expected = [n for n, found_pairs in pairs.items() if (key, value) in found_pairs]
        assert found(f'iscsi.keyvalue == "{text}"', slow.store) == expected


def test_a_pair_belongs_to_the_pdu_in_which_it_ends() -> None:
    assert found('iscsi.login.target_name == "iqn.a-very-long-name"', continued()) == [5]
    assert found('iscsi.login.target_alias == "half of an alias"', continued()) == [4]
    assert found("iscsi.login.initiator_name", continued()) == [1]


def test_among_some_pdus_texts_still_begin_in_earlier_ones() -> None:
    import numpy as np

    compiled = compile_filter("iscsi.login.target_name contains very")
    assert compiled.pdus_among(continued(), np.array([5])).tolist() == [True]
    assert compiled.pdus(continued(), 5).tolist() == [True, False]


def test_numbers_are_compared_as_numbers() -> None:
    assert found("iscsi.login.max_burst_length == 65536", continued()) == [5]
    assert found("iscsi.login.max_burst_length > 65535 && iscsi.login.target_portal_group_tag", continued()) == []
    assert found("iscsi.login.target_portal_group_tag == 7", continued()) == [4]
    assert found("iscsi.login.max_connections", continued()) == []  # `many` is no number
    assert found('iscsi.keyvalue == "MaxConnections=many"', continued()) == [5]


def test_every_key_with_a_name_is_a_field() -> None:
    names = {field.name for field in text_fields()}
    assert names == {key.filter for key in KEYS.values() if key.filter} | {"iscsi.keyvalue"}


def test_a_key_in_any_text_finds_its_task_and_session() -> None:
    assert len(found_tasks('iscsi.login.send_targets == "All"', varied())) == 2
    assert compile_filter("iscsi.login.send_targets").sessions(varied()).sum() == 2
    assert found('iscsi.login.target_name == "iqn.b"', varied()) == found(
        'iscsi.keyvalue == "TargetName=iqn.b"', varied()
    )


def test_new_text_is_found_as_a_store_grows() -> None:
    feeding = Feeding()
    compiled = compile_filter("iscsi.keyvalue contains Name")
    talk = Talk().open()
    seen = 0
    for frame in talk.frames:
        feeding.feed([frame])
        seen += int(compiled.pdus(feeding.store, seen + 1).sum()) if len(feeding.store) > seen else 0
        assert compiled.pdus(feeding.store).tolist() == compile_filter(compiled.text).pdus(feeding.store).tolist()
    assert found(compiled.text, feeding.store) == found(compiled.text, store_of(talk.frames)) != []


def test_a_tail_beyond_the_bound_is_dropped() -> None:
    talk = Talk()
    talk.handshake()
    for _ in range(40):
        talk.login_request(b"X-big=" + b"x" * 8000, more=True, transit=False)
        talk.login_response(transit=False)
    talk.login_request(b"\0MaxBurstLength=512\0")
    store = store_of(talk.frames)
    assert len(found("iscsi.login.max_burst_length == 512", store)) == 1
