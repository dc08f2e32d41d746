"""dumpcap is called with the options of the plan, and what it says is understood."""

from __future__ import annotations

from iscsi_analyzer.sources.live.backend import Said
from iscsi_analyzer.sources.live.dumpcap import Dumpcap
from iscsi_analyzer.sources.live.options import Ring
from tests.iscsi_analyzer.sources.live.plans import plan


def words(**settings: object) -> str:
    return " ".join(Dumpcap().command(plan(**settings))[1:])


def heard(*lines: str) -> Said:
    said = Said()
    for line in lines:
        Dumpcap().hear(line, said)
    return said


def test_every_setting_becomes_an_option_of_every_interface() -> None:
    assert words() == "-i lo -f tcp port 3260 -B 64 -w /x/live.pcapng"
    assert words(interfaces=("a", "b"), filter="", snaplen=96, promiscuous=False) == (
        "-i a -s 96 -B 64 -p -i b -s 96 -B 64 -p -w /x/live.pcapng"
    )
    assert words(filter="", ring=Ring(64_000_000, 60, 3), packets=9) == (
        "-i lo -B 64 -b filesize:64000 -b duration:60 -c 9 -w /x/live.pcapng"
    )


def test_files_and_counts_are_understood() -> None:
    """The count of frames is written over itself, so that a file's name may stand behind it."""
    said = heard("Capturing on 'Loopback: lo'", "File: /x/a b.pcapng", "Packets: 12 File: /x/2.pcapng", "Packets: 40")
    assert (said.listening, said.files, said.captured, said.dropped) == (
        True,
        ["/x/a b.pcapng", "/x/2.pcapng"],
        40,
        None,
    )
    assert said.remarks == []


def test_what_was_dropped_is_the_sum_over_the_interfaces() -> None:
    said = heard(
        "Packets captured: 310",
        "Packets received/dropped on interface 'Loopback: lo': 310/4 (pcap:3/dumpcap:1/flushed:0/ps_ifdrop:0) (98.7%)",
        "Packets received/dropped on interface 'it's': 0/2 (pcap:2/dumpcap:0/flushed:0/ps_ifdrop:0) (0.0%)",
    )
    assert (said.captured, said.dropped) == (310, 6)


def test_everything_else_is_kept_as_it_was_said() -> None:
    assert heard('dumpcap: There is no device named "x".').remarks == ['There is no device named "x".']
