"""What fits together compiles, what does not is a mistake at its place, and nothing else ever happens."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.query import QueryError, compile_filter
from iscsi_analyzer.query.fields import fields
from iscsi_analyzer.query.parser import KEYWORDS
from tests.iscsi_analyzer.stores import varied

GOOD = [
    "",
    "iscsi",
    'iscsi.opcode == "SCSI Command"',
    "iscsi.opcode == login",
    "iscsi.opcode != login",
    "iscsi.opcode > command",
    'iscsi.opcode contains "Data"',
    'iscsi.opcode matches "^scsi"',
    "0x25 == iscsi.opcode",
    "1 <= iscsi.datasn < 3",
    "iscsi.I == True",
    "iscsi.isid == 00:02:3d:00:00:00",
    'iscsi.isid contains "="',
    "iscsi.isid[0] == 80",
    'iscsi.keyvalue > "M"',
    "ip.addr == 10.0.0.0/8",
    "ip.addr in {10.0.0.1, 192.0.2.0/24, 10.0.0.1..10.0.0.9}",
    "ipv6.src != fe80::/64",
    "iscsi.task.latency > 5ms",
    "frame.time_relative in {0..1s, 5s}",
    'frame.time > "2026-01-01"',
    "iscsi.expcmdsn == iscsi.maxcmdsn",
    "iscsi.task.edtl != iscsi.datasegmentlength",
    "tcp.srcport < tcp.dstport",
    "iscsi.task.kind == scsi",
    "iscsi.pdu.header_digest == bad",
    "len(iscsi.keyvalue) > 5",
    "upper(iscsi.keyvalue) contains INITIATOR",
    "scsi.lun == 0xffffffffffffffff",
    "scsi_ssc.space6.count == -5",
    "iscsi.finding.severity >= warning",
    'iscsi.finding.rule == "x"',
    "iscsi.login.max_burst_length >= 65536",
    "iscsi.pdu.data contains 00:01",
]

BAD = [
    ("iscsi.opcod == 1", 0, "did you mean iscsi.opcode"),
    ("x == 1", 0, "no field"),
    ('"x" == 1', 0, "not a string"),
    ("5", 0, "no field"),
    ("iscsi.opcode == 0x100", 16, "at most 255"),
    ("iscsi.opcode == -1", 16, "at least 0"),
    ("iscsi.opcode == 1.5", 16, "not a whole number"),
    ('iscsi.opcode == "SCSI Comand"', 16, "SCSI Command"),
    ("iscsi.opcode > login", 15, "several values"),
    ("iscsi.cmdsn == BUSY", 15, "not a whole number"),
    ("iscsi.cmdsn == iscsi.cmdsnn", 15, "iscsi.cmdsn"),
    ('iscsi.cmdsn contains "1"', 21, "text or bytes"),
    ("iscsi.cmdsn matches 1", 20, "text or bytes"),
    ("iscsi.I == perhaps", 11, "neither True nor False"),
    ("iscsi.I > 0", 0, "order"),
    ("iscsi.I in {0..1}", 12, "no ranges"),
    ("iscsi.isid == xyz", 14, "not bytes"),
    ("ip.addr == ::1", 11, "IPv6"),
    ("ip.addr == host", 11, "not an IPv4"),
    ("ip.addr < 10.0.0.0/8", 10, "not an IPv4"),
    ("iscsi.task.latency > 5parsec", 21, "no unit parsec"),
    ("frame.time > yesterday", 13, "neither"),
    ("iscsi == 1", 0, "protocol"),
    ("tcp in {1}", 0, "protocol"),
    ("tcp.port == tcp.srcport", 0, "several values"),
    ("iscsi.task.latency == iscsi.cmdsn", 0, "cannot be compared"),
    ("iscsi.keyvalue == iscsi.keyvalue", 0, "cannot be compared"),
    ("iscsi.cmdsn contains iscsi.statsn", 0, "cannot be compared"),
    ("iscsi.keyvalue & 1", 0, "not a number"),
    ("iscsi.cmdsn & x", 14, "not a whole number"),
    ("iscsi.cmdsn[0] == 1", 0, "slice"),
    ("lower(iscsi.cmdsn) == 1", 6, "case"),
    ("len(iscsi.cmdsn) == 1", 4, "length"),
    ("len(iscsi.keyvalue)", 0, "comparison"),
    ("iscsi.isid[0:2]", 0, "comparison"),
    ('iscsi.keyvalue matches "("', 23, "regular expression"),
    ('iscsi.keyvalue matches "[z-a]"', 23, "character 2"),
    ("iscsi.cmdsn in {9..5}", 16, "below its start"),
    ("iscsi.cmdsn in {1, x}", 19, "not a whole number"),
    ("iscsi.opcode in {login..2}", 17, "several values"),
    ("iscsi.cmdsn == 1 && iscsi.nothing", 20, "no field"),
    ("!(iscsi.cmdsn == 1 || x)", 22, "no field"),
    ("iscsi.pdu.direction == sideways", 23, "T2I, I2T"),
]


@pytest.mark.parametrize("text", GOOD)
def test_what_fits_together_compiles_and_can_be_asked(text: str) -> None:
    compiled = compile_filter(text)
    store = varied()
    assert len(compiled.pdus(store)) == len(store)
    compiled.tasks(store)
    compiled.connections(store)
    compiled.sessions(store)


@pytest.mark.parametrize(("text", "position", "words"), BAD)
def test_what_does_not_fit_is_a_mistake_at_its_place(text: str, position: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        compile_filter(text)
    assert (caught.value.position, words in caught.value.message) == (position, True), caught.value.message


def test_the_fields_of_a_filter_are_known_by_name() -> None:
    compiled = compile_filter("iscsi.opcode == 1 && (iscsi.cmdsn == iscsi.statsn || iscsi.opcode == 2)")
    assert compiled.fields == ("iscsi.opcode", "iscsi.cmdsn", "iscsi.statsn")


@pytest.mark.parametrize("name", sorted(fields()))
def test_every_field_can_be_asked_for_at_every_level(name: str) -> None:
    store = varied()
    compiled = compile_filter(name)
    assert len(compiled.pdus(store)) == len(store)
    assert compiled.tasks(store).dtype == compiled.connections(store).dtype == compiled.sessions(store).dtype == bool


def mistake(text: str) -> QueryError | None:
    """What is wrong with a filter; None if nothing is."""
    try:
        compile_filter(text)
    except QueryError as error:
        return error
    return None


WORDS = ["1", "0x80", '"x"', "5ms", "True", "10.0.0.0/8", "00:11", "login", "==", "!=", "<", "&", "&&", "||", "!"]


@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                [*WORDS, "(", ")", "{", "}", ",", "..", "[0:2]", *sorted(fields())[::9], *sorted(KEYWORDS)]
            ),
            max_size=12,
        ).map(" ".join),
    )
)
def test_any_text_compiles_or_is_a_mistake_at_some_place(text: str) -> None:
    error = mistake(text)
    if error is not None:
        assert 0 <= error.position <= len(text)
        assert error.message
        assert len(error.pointed(text).split("\n")) == 2


@given(st.text(max_size=30))
def test_any_pattern_compiles_or_is_a_mistake(pattern: str) -> None:
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", pattern) + '"'
    error = mistake(f"iscsi.keyvalue matches {quoted}")
    if error is not None:
        assert "regular expression" in error.message
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises((re.error, OverflowError, RecursionError)):
                re.compile(pattern)


@given(
    st.sampled_from(sorted(fields())), st.sampled_from(["==", "<", "contains", "~", "in", "&"]), st.text(max_size=12)
)
def test_any_value_beside_any_field_compiles_or_is_a_mistake(name: str, relation: str, value: str) -> None:
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
    text = f"{name} in {{{quoted}}}" if relation == "in" else f"{name} {relation} {quoted}"
    error = mistake(text)
    assert error is None or error.position <= len(text)
