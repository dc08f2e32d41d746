"""The process with scapy's sockets gets the plan as it is, and its words are understood."""

from __future__ import annotations

import os

from iscsi_analyzer.sources.live.backend import Said
from iscsi_analyzer.sources.live.options import Ring
from iscsi_analyzer.sources.live.record import plan_of
from iscsi_analyzer.sources.live.sockets import Sockets
from tests.iscsi_analyzer.sources.live.plans import plan


def test_the_plan_arrives_as_it_was_made() -> None:
    made = plan(interfaces=("a", "b"), ring=Ring(1, 2, 3), filter='tcp port 1 and "x"', promiscuous=False)
    assert plan_of(Sockets().command(made)[-1]) == made


def test_the_other_python_imports_from_the_same_place() -> None:
    environment = Sockets().environment()
    first = environment["PYTHONPATH"].split(os.pathsep)[0]
    assert os.path.isfile(os.path.join(first, "iscsi_analyzer", "sources", "live", "record.py"))
    assert environment["LC_ALL"] == "C"


def test_its_words_are_understood() -> None:
    said = Said()
    for line in ("File: /x/y z.pcapng", "Packets: 12", "Dropped: 3", "Network is down"):
        Sockets().hear(line, said)
    assert (said.listening, said.files, said.captured, said.dropped) == (True, ["/x/y z.pcapng"], 12, 3)
    assert said.remarks == ["Network is down"]
