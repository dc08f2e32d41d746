"""A signal that asks to end is noted, and so is a second one; a third interrupts; afterwards all is as before."""

from __future__ import annotations

import os
import signal

import pytest

from iscsi_analyzer.cli.until import Until


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_are_noted_until_somebody_really_wants_to_end(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Until() as until:
        assert not until.over
        os.kill(os.getpid(), number)
        assert (until.over, until.hurried) == (True, False)
        os.kill(os.getpid(), number)
        assert (until.over, until.hurried) == (True, True)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before


def test_where_nobody_waits_signals_do_what_they_always_do() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Until(active=False):
        assert signal.getsignal(signal.SIGINT) == before


def test_a_signal_that_is_ignored_stays_so() -> None:
    """As of a program that was started with nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Until() as until:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not until.over
    finally:
        signal.signal(signal.SIGHUP, before)
