"""INQUIRY data keeps its form, and loses what tells one device from another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.redaction.identities import without_identity, without_names
from iscsi_analyzer.redaction.pseudonyms import Pseudonyms
from iscsi_analyzer.redaction.what import What

ALL = What(names=True, serials=True)
STANDARD = b"\0\0\5\2\x1f\0\0\0" + b"VENDOR  " + b"PRODUCT".ljust(16) + b"0001" + b"SERIAL1234".ljust(20)
SERIAL = b"\0\x80\0\x0aSERIAL1234"
NAME = b"iqn.2003-01.org.example:disk\0\0\0\0"


def designators(*found: tuple[int, int, bytes]) -> bytes:
    body = b"".join(bytes((code, kind, 0, len(value))) + value for code, kind, value in found)
    return b"\0\x83" + len(body).to_bytes(2, "big") + body


def changed(data: bytes, what: What = ALL, *, vital: bool = True) -> bytes:
    return without_identity(data, vital, what, Pseudonyms())


def test_vendor_and_product_stay_and_the_serial_number_goes() -> None:
    other = changed(STANDARD, vital=False)
    assert other[:36] == STANDARD[:36]
    assert b"SERIAL" not in other
    assert other[46:] == STANDARD[46:]
    page = changed(SERIAL)
    assert page[:4] == SERIAL[:4]
    assert page[4:].decode().isalnum() and page != SERIAL


def test_the_serial_number_is_the_same_word_wherever_it_stands() -> None:
    pseudonyms = Pseudonyms()
    standard = without_identity(STANDARD, False, ALL, pseudonyms)
    assert without_identity(SERIAL, True, ALL, pseudonyms)[4:] == standard[36:46]


def test_designators_keep_type_and_maker() -> None:
    page = designators((2, 1, b"VENDOR  abc123"), (1, 3, b"\x60\1\2\3\4\5\6\7"), (1, 4, b"\0\0\0\1"), (3, 8, NAME))
    other = changed(page)
    assert len(other) == len(page)
    assert b"VENDOR  " in other and b"abc123" not in other
    assert other[26] >> 4 == 6
    assert b"\0\0\0\1" in other
    assert b"iqn.2003-01." in other and b"example" not in other and other.endswith(b"\0\0\0\0")


def test_only_what_was_asked_for_goes() -> None:
    page = designators((1, 3, b"\x60\1\2\3\4\5\6\7"), (3, 8, NAME))
    names = changed(page, What(names=True))
    assert b"example" not in names and b"\x60\1\2\3\4\5\6\7" in names
    assert changed(page, What()) == page
    assert changed(STANDARD, What(names=True), vital=False) == STANDARD


def test_names_are_found_in_any_data_and_are_the_same_as_elsewhere() -> None:
    pseudonyms = Pseudonyms()
    data = b"\x45\0\0\x2ciqn.2003-01.org.example:host,i,0x00023d000001\0\0"
    other = without_names(data, pseudonyms)
    assert other[:16] == data[:16] and other.endswith(b",i,0x00023d000001\0\0") and b"example" not in other
    name = pseudonyms.name("iqn.2003-01.org.example:host")
    assert name.encode() in other
    assert name.encode() in without_identity(designators((3, 8, NAME.replace(b"disk", b"host"))), True, ALL, pseudonyms)


@given(st.binary(max_size=200), st.booleans())
def test_no_data_makes_it_raise_or_changes_its_length(data: bytes, vital: bool) -> None:
    assert len(changed(data, vital=vital)) == len(data)
