"""A compiled filter says of every PDU, task, connection and session what the same filter says when it is evaluated item
by item over what the dissectors show."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iscsi_analyzer.query import compile_filter
from iscsi_analyzer.query.fields import fields
from iscsi_analyzer.query.parser import parse
from iscsi_analyzer.store.store import Store
from tests.iscsi_analyzer.query.slow import OWN, Slow
from tests.iscsi_analyzer.stores import busy, cut_short, varied

STORES = {"varied": varied, "cut short": cut_short, "busy": busy}

HEADER = sorted(
    name
    for name, field in fields().items()
    if field.kind in ("number", "boolean") and " of " in field.about and not field.own and name.startswith("iscsi.")
    and not field.dear and not field.looks_ahead and not name.startswith("iscsi.isid.")
)  # fmt: skip
NUMBERS = [
    *HEADER,
    *OWN,
    *("iscsi.pdu.F", "iscsi.pdu.pri", "iscsi.pdu.status_class", "scsi.lun", "scsi.status", "tcp.srcport", "tcp.port"),
    *("scsi_sbc.opcode", "scsi_ssc.opcode", "scsi.spc.opcode", "scsi_sbc.rdwr10.lba", "scsi_sbc.rdwr10.xferlen"),
    *("scsi_sbc.rdwr6.lba", "scsi_sbc.rdwr16.lba", "scsi_sbc.rdwr12.xferlen", "scsi.cdb.control", "scsi_sbc.group"),
    *("scsi.sns.key", "scsi.sns.asc", "scsi_ssc.rdwr6.xferlen", "iscsi.connection.number", "iscsi.session.number"),
    *("iscsi.task.kind", "iscsi.task.outcome", "iscsi.task.status", "iscsi.task.latency", "iscsi.task.lba"),
    *("iscsi.task.blocks", "iscsi.task.data_in", "iscsi.task.data_out", "iscsi.task.pdus", "iscsi.task.r2ts"),
    *("iscsi.task.request", "iscsi.task.answer", "iscsi.request_frame"),
]
TEXTS = ["iscsi.keyvalue", "iscsi.login.target_name", "iscsi.task.operation"]
PARTS_OF_ISID = [f"iscsi.isid.{part}" for part in "tabcd"]


@cache
def slow(name: str) -> Slow:
    return Slow(STORES[name]())


@cache
def known(name: str, field: str) -> list[object]:
    """Values that the field really has in a store."""
    reader = slow(name)
    found = {value for pdu in range(1, len(reader.store) + 1) for value in reader.values(pdu, field)}
    return sorted(found)  # type: ignore[type-var]


@st.composite
def literal(draw: st.DrawFn, store: str, field: str) -> str:
    """A value to compare a field with: most often one that occurs, or one beside it."""
    values = known(store, field)
    if field == "iscsi.pdu.direction":
        return draw(st.sampled_from(["I2T", '"T2I"', "i2t"]))
    if field in TEXTS:
        value = draw(st.sampled_from(values)) if values else "x"
        assert isinstance(value, str)
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    value = draw(st.sampled_from(values)) if values else 0
    assert isinstance(value, int)
    value += draw(st.sampled_from([0, 0, 0, 1, -1]))
    if field in ("frame.time_relative", "iscsi.task.latency"):
        return f"{value}ns"
    value = min(max(value, 0), fields()[field].largest)
    return draw(st.sampled_from([str(value), hex(value)]))


@st.composite
def test_of_a_field(draw: st.DrawFn, store: str) -> str:
    if draw(st.integers(0, 9)) == 0:
        field = draw(st.sampled_from(TEXTS))
        value = draw(literal(store, field))
        relation = draw(st.sampled_from(["==", "!=", "contains", "===", "<", "!=="]))
        return f"{field} {relation} {value}"
    field = draw(st.sampled_from(NUMBERS))
    shape = draw(st.sampled_from(["present", "in", "mask", "compare", "compare", "compare", "any", "all"]))
    value = draw(literal(store, field))
    if shape == "present":
        return field
    if shape == "in":
        other = draw(literal(store, field))
        no_range = fields()[field].kind == "boolean" or field == "iscsi.pdu.direction"
        return f"{field} in {{{value}, {other}}}" if no_range else f"{field} in {{{value}, {other}..{other}}}"
    if shape == "mask" and fields()[field].kind == "number" and field != "iscsi.pdu.direction":
        mask = draw(st.sampled_from(["0x80", "1", "0x0f", "0xff00"]))
        return draw(st.sampled_from([f"{field} & {mask}", f"({field} & {mask}) == {mask}", f"{field} & {mask} != 0"]))
    relations = ["==", "!=", "===", "!==", "eq", "ne"]
    if fields()[field].kind != "boolean":
        relations += ["<", ">", "<=", ">=", "lt", "ge"]
    quantifier = f"{shape} " if shape in ("any", "all") else ""
    return f"{quantifier}{field} {draw(st.sampled_from(relations))} {value}"


test_of_a_field.__test__ = False  # type: ignore[attr-defined]


def filters(store: str) -> st.SearchStrategy[str]:
    def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        operators = st.sampled_from([" && ", " || ", " and ", " or ", " ^^ ", " xor "])
        pair = st.tuples(inner, operators, inner).map(lambda parts: f"({parts[0]}{parts[1]}{parts[2]})")
        return st.one_of(pair, inner.map(lambda part: f"!({part})"), inner.map(lambda part: f"not {part}"))

    return st.recursive(test_of_a_field(store), joined, max_leaves=5)


def expected(reader: Slow, text: str, members: list[list[int]]) -> list[bool]:
    node = parse(text)
    return [reader.passes(node, pdus) for pdus in members]


def alone(reader: Slow) -> list[list[int]]:
    return [[pdu] for pdu in range(1, len(reader.store) + 1)]


def by_task(reader: Slow) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in reader.tasks]
    for pdu, task in reader.task_of.items():
        found[task].append(pdu)
    return found


def by_connection(reader: Slow) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in reader.store.connections]
    for pdu, row in enumerate(reader.store.rows(), 1):
        found[row.connection - 1].append(pdu)
    return found


def by_session(reader: Slow) -> list[list[int]]:
    found: dict[int, list[int]] = {int(session.number): [] for session in reader.store.sessions}
    for connection, pdus in enumerate(by_connection(reader), 1):
        found[reader.session_of(connection)] += pdus
    return list(found.values())


LEVELS: list[tuple[Callable[[Slow], list[list[int]]], str]] = [
    (alone, "pdus"),
    (by_task, "tasks"),
    (by_connection, "connections"),
    (by_session, "sessions"),
]


@pytest.mark.parametrize("name", STORES)
@given(st.data())
@settings(max_examples=60)
def test_random_filters_say_the_same_of_every_item(name: str, data: st.DataObject) -> None:
    text = data.draw(filters(name))
    compiled = compile_filter(text)
    reader = slow(name)
    for members, question in LEVELS:
        # The fields of a flow are asked of its PDUs here; a task or connection without PDUs of one direction differs.
        if question != "pdus" and "tcp." in text:
            continue
        found = getattr(compiled, question)(reader.store).tolist()
        assert found == expected(reader, text, members(reader)), question


@pytest.mark.parametrize("name", STORES)
@pytest.mark.parametrize("field", [*NUMBERS, *PARTS_OF_ISID])
def test_every_value_of_a_field_is_found_and_nothing_else(name: str, field: str) -> None:
    store, reader = STORES[name](), slow(name)
    if field in PARTS_OF_ISID:
        assert compile_filter(field).pdus(store).tolist() == compile_filter("iscsi.isid").pdus(store).tolist()
        return
    texts = [field]
    if field != "iscsi.pdu.direction":
        suffix = "ns" if fields()[field].kind == "duration" else ""
        texts += [f"{field} == {value}{suffix}" for value in known(name, field)[:10]]
    for text in texts:
        assert compile_filter(text).pdus(store).tolist() == expected(reader, text, alone(reader)), text


@pytest.mark.parametrize("name", STORES)
def test_the_isid_is_bytes(name: str) -> None:
    reader = slow(name)
    for text in ("iscsi.isid", "iscsi.isid contains 00", "iscsi.isid == 00:02:3d:00:00:00"):
        assert compile_filter(text).pdus(reader.store).tolist() == expected(reader, text, alone(reader)), text


@pytest.mark.parametrize("start", [1, 2, 17, 64, 65, 999])
@pytest.mark.parametrize("text", ["iscsi.opcode == 1", "scsi.lun == 1", "iscsi.task.latency > 0", "iscsi.keyvalue"])
def test_a_filter_from_some_pdu_on_says_the_same(text: str, start: int) -> None:
    store: Store = varied()
    compiled = compile_filter(text)
    assert compiled.pdus(store, start).tolist() == compiled.pdus(store)[start - 1 :].tolist()


@given(st.data())
@settings(max_examples=40)
def test_a_filter_among_some_pdus_says_the_same(data: st.DataObject) -> None:
    store = busy()
    compiled = compile_filter(data.draw(filters("busy")))
    numbers = np.array(sorted(data.draw(st.sets(st.integers(1, len(store)), max_size=30))), dtype=np.int64)
    assert compiled.pdus_among(store, numbers).tolist() == compiled.pdus(store)[numbers - 1].tolist()
