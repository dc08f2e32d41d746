"""The laws of plug-ins: declared rightly or refused, and never able to hide a PDU."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dissectors.fields import Field, Node
from dissectors.iscsi import common
from dissectors.iscsi.base import PduType, Segment
from dissectors.iscsi.generic import GENERIC_FIELDS
from dissectors.pdu import Pdu, build, dissect, values_of
from dissectors.vendor import registry
from dissectors.vendor.registry import VendorPdu
from tests.dissectors.iscsi.headers import find, made, names


@pytest.fixture(autouse=True)
def _clean_registry() -> Iterator[None]:
    yield
    for opcode in registry.VENDOR_OPCODES:
        registry.unregister(opcode)


class Good(VendorPdu):
    """A plug-in."""

    opcode = 0x3D
    name = "Good"
    fields = (*GENERIC_FIELDS[:3], Field("colour", "Colour", 2, 1), *GENERIC_FIELDS[4:])


class Broken(VendorPdu):
    """A plug-in that raises wherever it can."""

    opcode = 0x1D
    name = "Broken"
    fields = GENERIC_FIELDS

    @classmethod
    def explain(cls, row: Field, node: Node, pdu: Pdu) -> None:
        raise ZeroDivisionError("explain")

    @classmethod
    def segment(cls, pdu: Pdu, secrets: bool) -> Segment:
        raise IndexError("segment")

    @classmethod
    def summary(cls, pdu: Pdu) -> list[str]:
        raise RecursionError("summary")


def test_a_registered_plug_in_serves_its_opcode_until_it_is_taken_away() -> None:
    header = build(0x3D, specific_1=0x0700)
    assert dissect(header).name == "Vendor-specific (0x3d)"
    registry.register(Good)
    assert registry.find(0x3D) is Good
    assert dissect(header).name == "Good"
    assert values_of(header)["colour"] == 7
    assert values_of(header[:3]) == {"final": 0, "colour": 7}
    registry.unregister(0x3D)
    assert registry.find(0x3D) is None
    assert "colour" not in dissect(header).values


def test_a_plug_in_that_raises_leaves_the_pdu_visible() -> None:
    registry.register(Broken)
    pdu = made(0x1D, b"abc", initiator_task_tag=7)
    assert pdu.name == pdu.summary() == "Broken"
    assert pdu.values["initiator_task_tag"] == 7
    assert find(pdu.tree(), "Data").value == b"abc"
    assert find(pdu.tree(), "iscsi.opcode").value == 0x1D
    assert names(pdu) == ["dissector-crashed"] * 3
    assert [problem.text for problem in pdu.problems] == [
        "Broken.explain: ZeroDivisionError: explain",
        "Broken.segment: IndexError: segment",
        "Broken.summary: RecursionError: summary",
    ]


def test_a_plug_in_that_returns_nonsense_is_one_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.register(Good)
    monkeypatch.setattr(Good, "segment", lambda pdu, secrets: None)
    pdu = made(0x3D, b"abc")
    assert find(pdu.tree(), "Data").value == b"abc"
    assert [problem.text for problem in pdu.problems] == ["Good.segment: TypeError: segment returned NoneType"]


def test_a_standard_dissector_that_raises_is_a_programming_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(pdu: Pdu) -> list[str]:
        raise ZeroDivisionError

    pdu = made("NOP-Out")
    monkeypatch.setattr(pdu.type, "summary", fail)
    with pytest.raises(ZeroDivisionError):
        pdu.summary()


def test_what_cannot_serve_is_refused() -> None:
    class Nameless(VendorPdu):
        opcode = 0x1C
        fields = GENERIC_FIELDS

    class Standard(VendorPdu):
        opcode = 0x01
        name = "Mine"
        fields = GENERIC_FIELDS

    class NoLengths(VendorPdu):
        opcode = 0x1C
        name = "Short"
        fields = (common.OPCODE,)

    class Trusted(PduType):
        opcode = 0x1C
        name = "Trusted"
        fields = GENERIC_FIELDS

    for plugin, complaint in (
        (Nameless, "has no name"),
        (Standard, "not vendor-specific"),
        (NoLengths, "does not declare data_segment_length, total_ahs_length"),
        (Trusted, "subclass of VendorPdu"),
    ):
        with pytest.raises(ValueError, match=complaint):
            registry.register(plugin)  # type: ignore[arg-type]
    assert all(registry.find(opcode) is None for opcode in registry.VENDOR_OPCODES)
