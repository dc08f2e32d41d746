"""The names of SCSI ports in INQUIRY data."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import port_names
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, finding_of, findings_of, names, near_miss
from tests.support.talk import Talk

RIGHT = b"iqn.2005-03.com.example:target,t,0x0001"


def designator(name: bytes, *, protocol: int = 5, association: int = 1, kind: int = 8) -> bytes:
    """A designation descriptor, padded as SPC wants it."""
    return bytes((protocol << 4 | 3, 0x80 | association << 4 | kind, 0, len(name))) + name


def padded(name: bytes) -> bytes:
    return name + bytes(-len(name) % 4 or 4)


def inquiry(*designators: bytes, length: int | None = None, page: int = 0x83, evpd: int = 1) -> Talk:
    """The device identification page with these designators."""
    talk = Talk().open()
    body = b"".join(designators)
    data = bytes((0, page)) + (len(body) if length is None else length).to_bytes(2, "big") + body
    task = talk.command(bytes((0x12, evpd, page, 0, 255, 0)), read=255)
    talk.data_in(task, data, status=0, residual_count=255 - len(data))
    return talk


@pytest.mark.parametrize("name", names(port_names))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize(
    "name", [b"iqn.2005-03.com.example:target", RIGHT, RIGHT.replace(b"0x", b""), RIGHT.replace(b",t,", b",i,")]
)
def test_a_port_has_the_name_of_its_target_and_a_tag(name: bytes) -> None:
    """A name without a tag, without the zero byte, without 0x, of an initiator."""
    whole = name if name is RIGHT else padded(name)
    assert finding_of(inquiry(designator(whole)), "scsi-port-name-encoding").facts["name"] == name.decode()


@near_miss("scsi-port-name-encoding")
@pytest.mark.parametrize("name", [RIGHT, RIGHT.replace(b"0x0001", b"0X1"), RIGHT.replace(b"0001", b"fFFF")])
def test_a_right_name_is_no_finding(name: bytes) -> None:
    assert findings_of(inquiry(designator(padded(name)))) == []


@near_miss("scsi-port-name-encoding")
@pytest.mark.parametrize("other", [{"protocol": 6}, {"association": 0}, {"association": 2}, {"kind": 3}])
def test_what_names_no_port_of_iscsi_is_passed_over(other: dict[str, int]) -> None:
    assert findings_of(inquiry(designator(padded(b"eui.0123"), **other))) == []


@near_miss("scsi-port-name-encoding")
def test_a_page_that_is_cut_is_not_read_beyond_its_end() -> None:
    whole = designator(padded(b"wrong"))
    assert findings_of(inquiry(whole, length=6)) == []
    assert findings_of(inquiry(whole[:-1], length=200)) == []
    assert findings_of(inquiry(whole, page=0x80)) == []


def test_a_wrong_name_is_found_behind_others() -> None:
    talk = inquiry(designator(b"\x50" + bytes(7), kind=3), designator(padded(RIGHT)), designator(padded(b"wrong")))
    assert findings_of(talk) == ["scsi-port-name-encoding"]
