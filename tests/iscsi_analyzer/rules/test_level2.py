"""What a device claims of the protocol level."""

from __future__ import annotations

import pytest

from tests.iscsi_analyzer.rules.judging import near_miss
from tests.iscsi_analyzer.rules.scsi_talks import blamed, broken, with_keys
from tests.support.talk import Talk


def inquiry(descriptor: int, level: str = "1", *, page: int = 0, additional: int = 69, place: int = 58) -> Talk:
    """INQUIRY data with this version descriptor."""
    talk = with_keys(iSCSIProtocolLevel=level)
    data = bytearray(74)
    data[4] = additional
    data[place : place + 2] = descriptor.to_bytes(2, "big")
    task = talk.command(bytes((0x12, page, 0, 0, 74, 0)), read=74)
    talk.data_in(task, bytes(data), status=0)
    return talk


@pytest.mark.parametrize(("level", "descriptor"), [("1", 0x0962), ("2", 0x0961), ("1", 0x097F)])
@pytest.mark.parametrize("place", [58, 66, 72])
def test_a_device_claims_what_was_negotiated(level: str, descriptor: int, place: int) -> None:
    finding = blamed(inquiry(descriptor, level, place=place), "plevel-inquiry-descriptor")
    assert finding.facts == {"descriptor": descriptor, "level": int(level)}


@near_miss("plevel-inquiry-descriptor")
@pytest.mark.parametrize(
    ("level", "descriptor"), [("1", 0x0961), ("2", 0x0962), ("1", 0x0960), ("2", 0x0980), ("1", 0x095F), ("", 0x0962)]
)
def test_a_device_may_claim_nothing_or_the_truth(level: str, descriptor: int) -> None:
    assert broken(inquiry(descriptor, level)) == []


@near_miss("plevel-inquiry-descriptor")
@pytest.mark.parametrize("fields", [{"page": 1}, {"additional": 68}])
def test_other_data_has_no_version_descriptors(fields: dict[str, int]) -> None:
    assert broken(inquiry(0x0962, **fields)) == []
