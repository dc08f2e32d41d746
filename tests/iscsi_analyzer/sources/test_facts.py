"""What a file says about itself is the sum of its interfaces."""

from __future__ import annotations

from iscsi_analyzer.sources.facts import FileFacts, InterfaceFacts


def test_a_file_sums_up_its_interfaces() -> None:
    facts = FileFacts("x")
    assert (facts.linktypes, facts.resolutions, facts.snaplen) == ([], [], 0)
    facts.interfaces = [
        InterfaceFacts(linktype=113, snaplen=0, resolution="ns"),
        InterfaceFacts(linktype=1, snaplen=256, resolution="us"),
        InterfaceFacts(linktype=1, snaplen=96, resolution="us"),
    ]
    assert (facts.linktypes, facts.resolutions, facts.snaplen) == ([1, 113], ["ns", "us"], 96)
