"""The filter for the ports of iSCSI is one that libpcap understands, with and without VLAN tags."""

from __future__ import annotations

import subprocess

import pytest

from iscsi_analyzer.sources.live.filters import of_ports
from tests.support.tools import need, which


def test_every_port_passes() -> None:
    assert of_ports((3260, 860), vlan=False) == "tcp port 3260 or tcp port 860"


@pytest.mark.parametrize("vlan", [False, True])
@pytest.mark.parametrize("without", [(), (3260, 860)])
def test_the_filter_can_be_compiled(vlan: bool, without: tuple[int, ...]) -> None:
    need("tcpdump")
    expression = of_ports((3260, 5003), vlan=vlan, without=without)
    words = [which("tcpdump") or "", "-y", "EN10MB", "-d", expression]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
