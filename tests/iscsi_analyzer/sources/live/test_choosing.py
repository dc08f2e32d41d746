"""The best capture program that is installed and permitted is used, or the one that was asked for."""

from __future__ import annotations

import pytest

from iscsi_analyzer.sources.live import choosing
from iscsi_analyzer.sources.live.backend import Backend
from iscsi_analyzer.sources.live.options import AUTO, DUMPCAP, SOCKETS, TCPDUMP, LiveError


def machine(monkeypatch: pytest.MonkeyPatch, **programs: bool) -> None:
    """A machine on which only these are installed, and may be used or not."""

    def made(program: str, *, several: bool) -> type[Backend]:
        class Program(Backend):
            name = program
            several_interfaces = several
            found = program in programs  # type: ignore[assignment]
            permitted = programs.get(program, False)  # type: ignore[assignment]

            def advice(self) -> list[str]:
                return [f"sudo setcap {program}"]

        return Program

    kinds = {name: made(name, several=name != TCPDUMP) for name in (DUMPCAP, TCPDUMP, SOCKETS)}
    monkeypatch.setattr(choosing, "BACKENDS", kinds)


@pytest.mark.parametrize(
    ("programs", "interfaces", "chosen"),
    [
        ({DUMPCAP: True, TCPDUMP: True, SOCKETS: True}, 1, DUMPCAP),
        ({DUMPCAP: False, TCPDUMP: True, SOCKETS: False}, 1, TCPDUMP),
        ({TCPDUMP: True, SOCKETS: True}, 1, TCPDUMP),
        ({TCPDUMP: True, SOCKETS: True}, 2, SOCKETS),
        ({SOCKETS: True}, 1, SOCKETS),
    ],
)
def test_the_best_one_that_may_is_taken(
    monkeypatch: pytest.MonkeyPatch, programs: dict[str, bool], interfaces: int, chosen: str
) -> None:
    machine(monkeypatch, **programs)
    assert choosing.choose(AUTO, interfaces).name == chosen


def test_the_one_that_was_asked_for_is_taken_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, dumpcap=True, tcpdump=True)
    assert choosing.choose(TCPDUMP, 1).name == TCPDUMP
    with pytest.raises(LiveError, match="scapy is not installed"):
        choosing.choose(SOCKETS, 1)
    with pytest.raises(LiveError, match="one interface at a time"):
        choosing.choose(TCPDUMP, 2)


def test_without_permission_the_command_that_grants_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch, tcpdump=False, scapy=False)
    with pytest.raises(LiveError) as caught:
        choosing.choose(AUTO, 1)
    assert str(caught.value).splitlines()[1:] == ["sudo setcap tcpdump"]


def test_without_any_program_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    machine(monkeypatch)
    with pytest.raises(LiveError, match="nothing that can capture is installed"):
        choosing.choose(AUTO, 1)
