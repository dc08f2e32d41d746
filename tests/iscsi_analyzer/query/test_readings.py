"""A word means what the field beside it makes of it."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from iscsi_analyzer.query import readings
from iscsi_analyzer.query.errors import QueryError
from iscsi_analyzer.query.fields import find
from iscsi_analyzer.query.lexer import tokens
from iscsi_analyzer.query.source import Source, of_field
from iscsi_analyzer.query.syntax import Span, Word


def word(text: str) -> Word:
    token = tokens(text)[0]
    return Word(token, Span(token.position, token.length))


def beside(name: str) -> Source:
    field = find(name)
    assert field is not None
    return of_field(field)


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("iscsi.opcode", "0x25", {0x25}),
        ("iscsi.opcode", '"0x25"', {0x25}),
        ("iscsi.opcode", "login", {0x03, 0x23}),
        ("iscsi.opcode", '"SCSI Data-In"', {0x25}),
        ("iscsi.I", "False", {0}),
        ("iscsi.task.latency", "5ms", {5_000_000}),
        ("frame.time", '"1970-01-02"', {86_400_000_000_000}),
        ("scsi_ssc.space6.count", "-5", {-5}),
    ],
)
def test_numbers_of_all_kinds(name: str, text: str, codes: set[int]) -> None:
    assert readings.codes(beside(name), word(text)) == codes


def test_one_number_is_wanted_where_there_is_an_order() -> None:
    assert readings.code(beside("iscsi.opcode"), word("command")) == 1
    with pytest.raises(QueryError, match="several values"):
        readings.code(beside("iscsi.opcode"), word("login"))


def test_texts_bytes_and_addresses() -> None:
    assert readings.text(word('"a b"')) == "a b"
    assert readings.octets(beside("iscsi.isid"), word("00:11")) == b"\x00\x11"
    assert readings.octets(beside("iscsi.isid"), word('"00:11"')) == b"00:11"
    assert readings.network(beside("ip.src"), word("10.0.0.0/8")) == ip_network("10.0.0.0/8")
    assert readings.address(beside("ipv6.src"), word("::1")) == ip_address("::1")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("iscsi.cmdsn", "7", 7),
        ("iscsi.keyvalue", "7", "7"),
        ("iscsi.isid", "07", b"\7"),
        ("ip.src", "1.2.3.4", ip_address("1.2.3.4")),
    ],
)
def test_the_kind_of_the_field_decides(name: str, text: str, value: object) -> None:
    assert readings.value(beside(name), word(text)) == value


def test_a_word_is_a_field_unless_it_names_a_value_there() -> None:
    assert readings.is_field(word("iscsi.cmdsn"), beside("iscsi.statsn"))
    assert not readings.is_field(word('"iscsi.cmdsn"'), beside("iscsi.statsn"))
    assert not readings.is_field(word("scsi"), beside("iscsi.task.kind"))
    assert not readings.is_field(word("iscsi"), beside("iscsi.keyvalue"))
    assert not readings.is_field(word("7"), beside("iscsi.statsn"))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("iscsi.opcode", "256", "at most 255"),
        ("iscsi.opcode", "-1", "at least 0"),
        ("iscsi.opcode", "comand", "command"),
        ("iscsi.pdu.direction", "x", "T2I, I2T"),
        ("iscsi.cmdsn", "iscsi.statsnn", "no field: iscsi.statsn"),
        ("iscsi.scsiresponse.status", "xyzzy", "..."),
    ],
)
def test_mistakes_say_what_would_be_right(name: str, text: str, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        readings.codes(beside(name), word(text))
    assert words in caught.value.message
    assert (caught.value.position, caught.value.length) == (0, len(text))
