"""tshark is asked, and its answers are read, frame by frame; what is missing is named with what brings it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from iscsi_analyzer.crosscheck import wireshark
from iscsi_analyzer.crosscheck.wireshark import Failed, Unavailable, frames, packets, values_of
from tests.oracle.tshark import plain_file
from tests.support.samples import sample
from tests.support.tools import need


def test_packets_are_cut_out_of_the_array() -> None:
    text = b'[\n  {\n    "a": "}",\n    "b": {\n      "c": 1\n    }\n  },\n  {\n    "a": "2"\n  }\n]\n'
    assert list(packets(io.BytesIO(text))) == [
        b'{    "a": "}",\n    "b": {\n      "c": 1\n    }\n}',
        b'{    "a": "2"\n}',
    ]


def test_a_packet_that_is_cut_short_is_left_out() -> None:
    assert list(packets(io.BytesIO(b'[\n  {\n    "a": "2"\n'))) == []
    assert list(packets(io.BytesIO(b""))) == []


def test_values_are_the_leaves_by_name() -> None:
    layer = {"x.flags": "0x81", "x.flags_tree": {"x.F": "True", "x.k": ["1", "2"]}, "y": [{"x.F": "0"}, {"x.F": "1"}]}
    assert values_of(layer) == {"x.flags": ["0x81"], "x.F": ["1", "0", "1"], "x.k": ["1", "2"]}


def test_a_missing_tshark_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("pyshark")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"tshark is not installed(.|\n)*apt-get install tshark"):
        wireshark.tshark()


def test_a_missing_pyshark_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wireshark, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match=r"pyshark is not installed(.|\n)*pip install 'iscsi-analyzer\[wireshark\]'"):
        wireshark.tshark()


@pytest.mark.oracle
def test_each_pdu_of_a_frame_has_its_fields(tmp_path: Path) -> None:
    need("tshark", "zstd")
    found = list(frames(str(plain_file(sample("u03_login_inquiry"), tmp_path))))
    assert [frame.number for frame in found] == sorted(frame.number for frame in found)
    assert found[0].pdus[0]["iscsi.opcode"] == ["0x03"]
    assert sum(len(frame.pdus) for frame in found) == 16
    assert "iscsi.keyvalue" in wireshark.formats()
    assert wireshark.version()[0].isdigit()


@pytest.mark.oracle
def test_who_looks_at_the_first_frame_only_leaves_no_tshark_behind(tmp_path: Path) -> None:
    need("tshark", "zstd")
    found = frames(str(plain_file(sample("k34_multipath_dm_two_portals"), tmp_path)))
    next(found)
    found.close()  # type: ignore[attr-defined]


@pytest.mark.oracle
def test_what_tshark_cannot_read_is_said_in_its_words(tmp_path: Path) -> None:
    need("tshark")
    with pytest.raises(Failed, match="nowhere"):
        list(frames(str(tmp_path / "nowhere")))
