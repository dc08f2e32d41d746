"""Whatever can be asked for in a filter can be printed, and is printed for exactly those PDUs that have it."""

from __future__ import annotations

from functools import cache

import pytest

from iscsi_analyzer import analyse
from iscsi_analyzer.export.columns import column
from iscsi_analyzer.export.pdu_view import PduView, Views
from iscsi_analyzer.query import compile_filter, every_field
from iscsi_analyzer.query.printed import printed_values
from iscsi_analyzer.run import Analysis
from tests.support.samples import SAMPLES

RESIDUALS = ("iscsi.scsiresponse.bidireadresidualcount", "iscsi.scsiresponse.residualcount")
"Printed also where they mean nothing, as by tshark; filters leave those out."

OF_EVERYTHING = ("k28", "u05", "k24", "v03")


@cache
def opened(name: str) -> tuple[Analysis, list[PduView]]:
    (path,) = SAMPLES.glob(f"{name}_*")
    analysis = analyse(path)
    return analysis, Views(analysis.store, secrets=True, bytes_too=True).more()


@pytest.mark.parametrize("name", OF_EVERYTHING)
def test_every_field_is_printed_where_a_filter_finds_it(name: str) -> None:
    analysis, views = opened(name)
    wrong = []
    for field in every_field().values():
        found = compile_filter(field.name).pdus(analysis.store)
        get = column(field.name).get
        for view, passes in zip(views, found.tolist(), strict=True):
            texts = get(view)
            there = "1" in texts if field.flag else bool(texts)
            if there != passes and field.name not in RESIDUALS:
                wrong.append((field.name, view.number, texts))
    assert wrong == []


def values(name: str, field: str) -> list[list[str]]:
    store = opened(name)[0].store
    return printed_values(store, every_field()[field], range(1, len(store) + 1))


def test_what_belongs_to_a_task_is_printed_for_all_its_pdus() -> None:
    outcomes = values("v03", "iscsi.task.operation")
    by_task: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for task, operation in zip(values("v03", "iscsi.task.number"), outcomes, strict=True):
        by_task.setdefault(tuple(task), set()).add(tuple(operation))
    assert len(by_task) > 10
    assert all(len(operations) == 1 for operations in by_task.values())
    assert ("WRITE(10)",) in {operation for operations in by_task.values() for operation in operations}


def test_what_has_a_name_is_told_by_it_in_fields_of_our_own() -> None:
    assert {text for texts in values("k24", "iscsi.pdu.direction") for text in texts} == {"I2T", "T2I"}
    assert ["answered"] in values("k24", "iscsi.task.outcome")
    assert ["CHECK CONDITION"] in values("k24", "iscsi.task.status")


def test_times_are_seconds_and_addresses_are_text() -> None:
    assert values("k24", "frame.time_delta")[0] == ["0.000000000"]
    assert values("k24", "iscsi.session.isid")[0] == ["00023d000001"]
    assert values("k24", "ip.addr")[0] == ["127.0.0.1", "127.0.0.1"]


def test_some_pdus_are_printed_as_among_all() -> None:
    store = opened("k24")[0].store
    some = list(range(3, len(store) + 1, 7))
    for name in ("iscsi.task.latency", "iscsi.connection.number", "iscsi.response_frame", "tcp.port", "iscsi.pdu.data"):
        whole = values("k24", name)
        assert printed_values(store, every_field()[name], some) == [whole[number - 1] for number in some]


def test_no_pdus_have_no_values() -> None:
    assert printed_values(opened("k24")[0].store, every_field()["iscsi.task.lba"], []) == []
