"""tcpdump is called with the options of the plan, what it says is understood, and the files that it does not tell
of are found."""

from __future__ import annotations

import os
from pathlib import Path

from iscsi_analyzer.sources.live.backend import Said
from iscsi_analyzer.sources.live.options import Ring
from iscsi_analyzer.sources.live.tcpdump import Tcpdump
from tests.iscsi_analyzer.sources.live.plans import plan


def words(**settings: object) -> list[str]:
    return Tcpdump().command(plan(**settings))[1:]


def heard(*lines: str) -> Said:
    said = Said()
    for line in lines:
        Tcpdump().hear(line, said)
    return said


def test_every_setting_becomes_an_option() -> None:
    found = words(snaplen=96, promiscuous=False, packets=9)
    assert found[-1] == "tcp port 3260"
    for pair in (("-i", "lo"), ("-B", "65536"), ("-s", "96"), ("-c", "9"), ("-w", "/x/live.pcapng")):
        assert found[found.index(pair[0]) + 1] == pair[1]
    assert {"-v", "-U", "-p"} <= set(found)


def test_a_ring_by_time_dates_its_files() -> None:
    found = words(ring=Ring(5_000_000, 60), filter="")
    assert found[found.index("-C") + 1] == "5"
    assert found[-3:] == ["60", "-w", "/x/live_%Y%m%d%H%M%S.pcapng"]


def test_counts_are_understood_while_it_runs_and_at_the_end() -> None:
    start = "tcpdump: listening on lo, link-type EN10MB (Ethernet), snapshot length 262144 bytes"
    said = heard(start, "Got 7")
    assert (said.listening, said.captured, said.dropped) == (True, 7, None)
    asked = "tcpdump: 12 packets captured, 30 packets received by filter, 2 packets dropped by kernel"
    assert (heard(start, asked).captured, heard(start, asked).dropped) == (12, 2)
    said = heard("1 packet captured", "30 packets received by filter", "5 packets dropped by kernel")
    assert (said.captured, said.dropped, said.remarks) == (1, 5, [])
    assert heard("tcpdump: lo: That device is not up").remarks == ["lo: That device is not up"]


def test_the_files_of_a_ring_are_found_in_their_order(tmp_path: Path) -> None:
    """By number, not by letter; what an earlier capture has left there is not its own until it is written anew."""
    old = tmp_path / "x.pcap2"
    old.write_bytes(b"")
    ring = plan(path=str(tmp_path / "x.pcap"), ring=Ring(bytes=1_000_000))
    tcpdump, said = Tcpdump(), Said(listening=True)
    tcpdump.command(ring)
    for name in ("x.pcap", "x.pcap1", "x.pcap10", "x.pcap9", "y.pcap", "x.pcap.log", "x_20261120120000.pcap"):
        (tmp_path / name).write_bytes(b"")
    tcpdump.look(ring, said)
    assert [Path(path).name for path in said.files] == ["x.pcap", "x.pcap1", "x.pcap9", "x.pcap10"]
    os.utime(old, ns=(1, 1))
    tcpdump.look(ring, said)
    assert Path(said.files[-1]).name == "x.pcap2"


def test_the_one_file_is_there_as_soon_as_it_listens(tmp_path: Path) -> None:
    single = plan(path=str(tmp_path / "x.pcap"))
    (tmp_path / "x.pcap").write_bytes(b"")
    said = Said()
    Tcpdump().look(single, said)
    assert said.files == []
    said.listening = True
    Tcpdump().look(single, said)
    assert said.files == [single.path]
