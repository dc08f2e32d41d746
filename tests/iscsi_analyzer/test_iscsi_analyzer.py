"""The library's front door."""

from __future__ import annotations

import doctest
import os

import pytest

import iscsi_analyzer
from iscsi_analyzer.options import Options
from tests.support.samples import SAMPLES


def test_the_example_of_the_package_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(SAMPLES.parent)
    assert doctest.testmod(iscsi_analyzer).failed == 0


def test_a_capture_can_be_analysed_again_and_again() -> None:
    for _ in range(2):
        with iscsi_analyzer.analyse(SAMPLES / "k01_discovery.pcap") as analysis:
            assert len(analysis.store) == 4


def test_several_files_are_one_capture() -> None:
    files = sorted(SAMPLES.glob("f14_ring_*"))
    with iscsi_analyzer.analyse(*files) as analysis:
        assert len(analysis.store.connections) == 1


def test_options_say_how() -> None:
    options = Options(ports=(3262,), digests="none")
    with iscsi_analyzer.analyse(os.fspath(SAMPLES / "i02_istgt_inquiry.pcap.zst"), options=options) as analysis:
        assert len(analysis.store) == 16
