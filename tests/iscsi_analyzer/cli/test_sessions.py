"""`sessions`: who with whom, over which connections, how it ended, who took whose place."""

from __future__ import annotations

from tests.support.command import command
from tests.support.samples import SAMPLES

TWO_CONNECTIONS = SAMPLES / "k20_mcs_two_connections.pcap.zst"
DROPPED = SAMPLES / "k26_tcp_killed_session_reinstated.pcap.zst"
MIDDLE = SAMPLES / "f10_mid_session_no_login.pcap.zst"


def test_a_session_has_all_its_connections() -> None:
    text = command("sessions", TWO_CONNECTIONS).out
    assert text.count("session 1:") == 1 and "session 2" not in text
    assert "2 connections (1 and 2)" in text


def test_a_session_that_came_back_names_the_one_before() -> None:
    text = command("sessions", DROPPED).out
    assert "took the place of session 1" in text
    assert "session 2 took its place" in text


def test_a_session_without_its_login_is_said_to_be_assumed() -> None:
    assert "assumed: its login is not in the capture" in command("sessions", MIDDLE).out


def test_no_sessions_are_said_to_be_none() -> None:
    assert command("sessions", DROPPED, "-Y", "iscsi.opcode == 0x1e").out == "no sessions\n"
