"""Addresses in headers are changed with the IPv4 checksum, and left where there is no knowing all of them."""

from __future__ import annotations

from dissectors.net.checksum import Checksum, ipv4_header, ones_complement_sum
from dissectors.net.decode import decode
from dissectors.net.segment import Segment
from iscsi_analyzer.redaction.addresses import Addresses
from iscsi_analyzer.redaction.headers import Headers
from iscsi_analyzer.redaction.pseudonyms import Pseudonyms
from tests.support.talk import Talk


def a_frame() -> bytes:
    talk = Talk()
    talk.open()
    return talk.frames[0].data


def decoded(data: bytes) -> Segment:
    seg = Segment()
    assert decode(seg, data, 0, len(data), len(data), 1) == 0
    return seg


def test_both_addresses_change_and_the_checksum_stays_good() -> None:
    data = a_frame()
    seg = decoded(data)
    headers = Headers(Addresses(Pseudonyms()))
    assert headers.can_change(seg, 1)
    new = bytearray(data)
    moved = headers.change(new, seg, 0)
    assert moved == ones_complement_sum(bytes(new[26:34])) - ones_complement_sum(data[26:34])
    assert headers.changes
    assert new[26:30] != data[26:30] and new[30:34] != data[30:34]
    assert new[0] == 0x02 and len(new) == len(data)
    assert ipv4_header(bytes(new), decoded(bytes(new))) == Checksum.OK


def test_without_a_wish_nothing_changes() -> None:
    data = a_frame()
    new = bytearray(data)
    headers = Headers(None)
    assert headers.can_change(decoded(data), 999)
    assert headers.change(new, decoded(data), 0) == 0
    assert bytes(new) == data
    assert not headers.changes


def test_frames_with_addresses_elsewhere_are_refused() -> None:
    seg = decoded(a_frame())
    headers = Headers(Addresses(Pseudonyms()))
    assert not headers.can_change(seg, 999)
    seg.depth = 1
    assert not headers.can_change(seg, 1)
