"""Each known limit explains what it is about, and nothing else. (tests/oracle shows them at work.)"""

from __future__ import annotations

import pytest

from iscsi_analyzer.crosscheck.connections import Circumstances
from iscsi_analyzer.crosscheck.difference import OURS, PDU, VALUES, WIRESHARK, Difference
from iscsi_analyzer.crosscheck.known import KNOWN, SIDES, explanation

NOWHERE = Circumstances()


def difference(field: str, side: str, kind: str = "SCSI Data-In", around: Circumstances = NOWHERE) -> Difference:
    return Difference(field, side, kind, 1, 1, ("1",), ("2",), around)


def test_names_are_unique_and_sides_are_sides() -> None:
    assert len({known.name for known in KNOWN}) == len(KNOWN)
    assert all(set(known.sides) <= set(SIDES) and known.fields and known.sentence for known in KNOWN)


def test_what_nobody_expects_is_not_explained() -> None:
    assert explanation(difference("iscsi.cmdsn", VALUES, "SCSI Command")) is None
    assert explanation(difference(PDU, OURS)) is None
    assert explanation(difference(PDU, WIRESHARK)) is None


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (difference(PDU, OURS, around=Circumstances(gap=True)), "behind-a-gap"),
        (difference(PDU, OURS, around=Circumstances(data_digest=True)), "data-digest-apart"),
        (difference("iscsi.statsn", WIRESHARK), "no-status-statsn"),
        (difference("iscsi.scsidata.O", WIRESHARK), "no-status-residuals"),
        (difference("scsi_sbc.rdwr10.lba", OURS, around=Circumstances(reordered=True)), "task-out-of-order"),
        (difference("iscsi.time", VALUES, around=Circumstances(gap=True)), "task-behind-a-gap"),
    ],
)
def test_a_limit_explains_what_it_is_about(found: Difference, name: str) -> None:
    known = explanation(found)
    assert known is not None
    assert known.name == name


def test_a_limit_keeps_to_its_kind_side_and_circumstances() -> None:
    assert explanation(difference("iscsi.statsn", WIRESHARK, "SCSI Command")) is None
    assert explanation(difference("iscsi.statsn", VALUES)) is None
    assert explanation(difference("iscsi.time", VALUES)) is None
