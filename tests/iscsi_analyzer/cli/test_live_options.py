"""The options of a live capture mean what they mean in tshark."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments
from iscsi_analyzer.cli.live_options import (
    add_capture_arguments,
    byte_size,
    duration_ns,
    interface_lines,
    live_analysis,
    live_options_of,
    seconds,
)
from iscsi_analyzer.sources.live.options import LiveOptions, Ring
from tests.iscsi_analyzer.sources.live.actor import Actor, cast
from tests.support.talk import Talk
from tests.support.talk_capture import write_capture


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_capture_arguments(parser)
    add_input_arguments(parser)
    return parser.parse_args([*words, "--config", "none"])


def options(*words: str) -> LiveOptions:
    return live_options_of(arguments(*words))


def test_without_options_everything_on_the_ports_of_iscsi_is_captured_and_nothing_kept() -> None:
    assert options("-i", "eth0") == LiveOptions(("eth0",))


def test_every_option_arrives() -> None:
    words = "-i a -i b -s 96 -p -B 8 -w x.pcapng --capture-with tcpdump --learn-portals -a packets:9 -a duration:3"
    assert options(*words.split(), "-f", "host 192.0.2.1") == LiveOptions(
        interfaces=("a", "b"),
        filter="host 192.0.2.1",
        snaplen=96,
        promiscuous=False,
        buffer_mib=8,
        write="x.pcapng",
        packets=9,
        seconds=3,
        capture_with="tcpdump",
        learn_portals=True,
    )
    assert options(*["-b", "filesize:1000", "-b", "duration:60", "-b", "files:5"]).ring == Ring(1_000_000, 60, 5)


def test_a_ring_needs_to_know_when_a_file_is_full() -> None:
    with pytest.raises(Stop, match="-b filesize:KB or -b duration:SECONDS"):
        options("-b", "files:5")


def test_stdout_is_taken() -> None:
    with pytest.raises(Stop, match="events go to stdout"):
        options("-w", "-")


@pytest.mark.parametrize("words", [("-b", "size:3"), ("-a", "files:3"), ("-a", "packets:0"), ("-s", "x")])
def test_what_means_nothing_is_refused(words: tuple[str, str]) -> None:
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        options(*words)


def test_durations_and_sizes_have_units() -> None:
    assert [duration_ns(text) for text in ("50ms", "2 s", "1.5min", "3")] == [
        50_000_000, 2_000_000_000, 90_000_000_000, 3_000_000_000,
    ]  # fmt: skip
    assert [byte_size(text) for text in ("500M", "2GB", "512MiB", "1", "1500k")] == [
        500_000_000, 2_000_000_000, 512 << 20, 1_000_000, 1_500_000,
    ]  # fmt: skip
    for wrong in ("", "ms", "-3", "5 parsecs"):
        with pytest.raises(argparse.ArgumentTypeError):
            duration_ns(wrong)
        with pytest.raises(argparse.ArgumentTypeError):
            byte_size(wrong)
    with pytest.raises(argparse.ArgumentTypeError):
        seconds("1ms")


def test_interfaces_are_listed_with_number_and_addresses() -> None:
    assert any("127.0.0.1" in line for line in interface_lines())
    assert interface_lines()[-1].split()[-1] == "any"


def test_the_capture_that_is_asked_for_has_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(write_capture(tmp_path / "talk.pcap", Talk().open().frames))
    actor = Actor(tmp_path, ("file", 0, path), ("stay",))
    cast(monkeypatch, actor)
    with live_analysis(arguments("-i", "lo", "--port", "5003")) as analysis:
        assert analysis.source.running
        assert 5003 in analysis.options.ports
        assert "tcp port 5003" in actor.plans[0].filter
    assert not analysis.source.running


def test_an_interface_that_does_not_exist_stops_the_command_with_those_that_do() -> None:
    with pytest.raises(Stop, match="there is no interface 'no-such-thing'"):
        live_analysis(arguments("-i", "no-such-thing"))
