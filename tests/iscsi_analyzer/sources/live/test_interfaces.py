"""The interfaces of this machine: named at once, described on demand, and a wrong name is answered with the right
ones."""

from __future__ import annotations

import pytest

from iscsi_analyzer.sources.live import interfaces as module
from iscsi_analyzer.sources.live.interfaces import interfaces, is_ethernet, is_up, names, resolve
from iscsi_analyzer.sources.live.options import ANY, LiveError


def test_the_loopback_interface_has_its_address() -> None:
    [loopback] = [each for each in interfaces() if "127.0.0.1" in each.addresses]
    assert loopback.name in names()
    assert loopback.up
    assert is_up(loopback.name)
    assert not is_ethernet(loopback.name)
    assert interfaces()[-1].name == ANY


def test_an_interface_may_be_named_or_numbered() -> None:
    for interface in interfaces():
        assert resolve(interface.name) == resolve(str(interface.number)) == interface.name


@pytest.mark.parametrize("wrong", ["no-such-thing", "0", "9999"])
def test_an_interface_that_does_not_exist_is_answered_with_those_that_do(wrong: str) -> None:
    with pytest.raises(LiveError) as caught:
        resolve(wrong)
    assert all(name in str(caught.value) for name in [repr(wrong), *names(), ANY])


def test_where_interfaces_cannot_be_listed_every_name_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "names", list)
    assert resolve("whatever") == "whatever"
    assert is_up("no-such-thing") is None
