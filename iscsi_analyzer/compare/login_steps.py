"""The logins of two sessions, step by step and key by key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from dissectors.iscsi.words import LOGIN_STAGES, LOGIN_STATUS
from iscsi_analyzer.analysis.keys import ConnectionKeys, LoginPdu
from iscsi_analyzer.compare.sessions_record import ComparedKey, ComparedKeyValue, ComparedStep
from iscsi_analyzer.model.negotiation import KeyState

BY_NATURE: Final = frozenset(("CHAP_C", "CHAP_I", "CHAP_R"))
"Keys whose values are never the same twice."
OWN: Final = frozenset(("MaxRecvDataSegmentLength", "CHAP_A", "CHAP_I", "CHAP_C", "CHAP_N", "CHAP_R"))
"Keys that each side says for itself."


class _Step(NamedTuple):
    """A login PDU, and what it says."""

    to_target: bool
    said: str
    "Stage, status and keys, without what is another one every time."
    pdu: int
    after_ns: int


def steps(a: ConnectionKeys, b: ConnectionKeys) -> list[ComparedStep]:
    """The PDUs of both logins in order, those that say the same beside each other."""
    ours, theirs = _steps(a), _steps(b)
    matcher = SequenceMatcher(None, [each[:2] for each in ours], [each[:2] for each in theirs], autojunk=False)
    found: list[ComparedStep] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        found += _side_by_side(ours[start:end], theirs[other_start:other_end], differs=kind != "equal")
    return found


def _side_by_side(ours: Sequence[_Step], theirs: Sequence[_Step], *, differs: bool) -> Iterator[ComparedStep]:
    """Steps of one stretch, those of one direction beside each other."""
    mine, others = list(ours), list(theirs)
    while mine or others:
        both = bool(mine and others) and mine[0].to_target == others[0].to_target
        first = mine.pop(0) if mine and (both or not others or mine[0].to_target) else None
        second = others.pop(0) if others and (both or first is None) else None
        known = first or second
        assert known is not None
        yield ComparedStep(
            direction="I2T" if known.to_target else "T2I",
            a=first.said if first else None,
            b=second.said if second else None,
            pdu_a=first.pdu if first else None,
            pdu_b=second.pdu if second else None,
            after_a_ns=first.after_ns if first else None,
            after_b_ns=second.after_ns if second else None,
            differs=differs,
        )


def _steps(keys: ConnectionKeys) -> list[_Step]:
    said: dict[int, list[str]] = {}
    for state in keys.states:
        if state.full_feature:
            continue
        for pdu, value in ((state.offered_pdu, state.offered), (state.answered_pdu, state.answered)):
            if pdu and value is not None:
                hidden = state.key in BY_NATURE
                said.setdefault(pdu, []).append(state.key if hidden else f"{state.key}={value}")
    pdus = keys.login_pdus
    began = pdus[0].at_ns if pdus else 0
    return [
        _Step(pdu.to_target, " ".join([_header(pdu), *said.get(pdu.pdu, [])]), pdu.pdu, pdu.at_ns - began)
        for pdu in pdus
    ]


def _header(pdu: LoginPdu) -> str:
    if pdu.status > 0:
        return f"{LOGIN_STATUS(pdu.status)} (0x{pdu.status:04x})"
    stage = LOGIN_STAGES(pdu.stage)
    if pdu.transit:
        stage += f" -> {LOGIN_STAGES(pdu.next_stage)}"
    return f"{stage}{', more to come' if pdu.more else ''}"


def keys(a: ConnectionKeys, b: ConnectionKeys) -> list[ComparedKey]:
    """The keys of both, in the order of the first one; those that differ by nature never differ."""
    ours, theirs = _by_key(a), _by_key(b)
    found = []
    for name in dict.fromkeys([*ours, *theirs]):
        key, by = name[0], name[1]
        first, second = _value(ours.get(name)), _value(theirs.get(name))
        if first is None and second is None:
            continue
        found.append(
            ComparedKey(key=key, by=by or None, a=first, b=second, differs=key not in BY_NATURE and first != second)
        )
    return found


def _by_key(found: ConnectionKeys) -> dict[tuple[str, str, int], KeyState]:
    """The keys by name, by the side that says them where each says its own, and by how often they were said before."""
    named: dict[tuple[str, str, int], KeyState] = {}
    for state in found.states:
        if state.full_feature:
            continue
        by = state.offered_by if state.key in OWN else ""
        times = 0
        while (state.key, by, times) in named:
            times += 1
        named[state.key, by, times] = state
    return named


def _value(state: KeyState | None) -> ComparedKeyValue | None:
    if state is None or (state.offered is None and state.result is None and not state.remark):
        return None
    return ComparedKeyValue(
        offered_by=state.offered_by or None if state.offered is not None else None,
        offered=state.offered,
        answered=state.answered,
        result=state.result,
        remark=state.remark or None,
    )
