"""Pieces of a ring are one capture; other files are captures of their own."""

from __future__ import annotations

from iscsi_analyzer.conformance.rings import captures


def test_the_pieces_of_rings_belong_together() -> None:
    files = [
        "a/one_00001_20261120114318.pcapng.zst",
        "a/plain.pcap",
        "a/one_00002_20261120114319.pcapng",
        "b/one_00002_20261120114319.pcapng",
        "dump.pcap",
        "dump.pcap1",
        "dump.pcap2.gz",
    ]
    assert captures(files) == [[files[0], files[2]], [files[1]], [files[3]], files[4:]]


def test_numbers_in_names_do_not_make_a_ring() -> None:
    files = ["run1.pcap", "run2.pcap", "test_00001.pcap", "test_00002.pcap", "-", "x.pcap.zst"]
    assert captures(files) == [[name] for name in files]
