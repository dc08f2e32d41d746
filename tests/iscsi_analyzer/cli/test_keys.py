"""`keys`: what was offered, answered and put in force, a table for each connection."""

from __future__ import annotations

import pytest

from tests.support.command import command
from tests.support.samples import SAMPLES

TWICE = SAMPLES / "v05_write_small_bursts_many_r2t.pcap.zst"
JOINED = SAMPLES / "k20_mcs_two_connections.pcap.zst"


def rows(*words: str) -> dict[str, list[str]]:
    """First words of the lines of the text -> the other words, of the last such line."""
    return {line.split()[0]: line.split()[1:] for line in command("keys", *words).out.splitlines() if line.strip()}


def test_a_row_has_the_offer_its_answer_and_what_holds() -> None:
    found = rows(str(JOINED), "-Y", "iscsi.connection.number == 1")
    assert found["FirstBurstLength"] == ["I", "262144", "65536", "65536", "agreed"]
    assert found["TargetPortalGroupTag"] == ["T", "1", "declared"]
    assert found["iSCSIProtocolLevel"] == ["1", "default"]


def test_each_connection_has_its_table() -> None:
    lines = command("keys", JOINED).out.splitlines()
    assert [line for line in lines if line.startswith("connection")] == [
        "connection 1, session 1",
        "connection 2, session 1",
    ]
    assert "a key of the leading login" in " ".join(rows(str(JOINED))["MaxBurstLength"])


def test_keys_that_are_stated_twice_stay_in_force() -> None:
    (last,) = [
        record
        for record in command("keys", TWICE, "-T", "jsonl").records
        if record["key"] == "MaxBurstLength" and record["source"] != "agreed"
    ]
    assert (last["source"], last["result"]) == ("settled before", "16384")
    (connection,) = command("connections", TWICE, "-T", "jsonl").records
    assert connection["in_force"]["max_burst_length"] == 16384


@pytest.mark.parametrize("name", ["u05_chap_ok.pcap.zst", "u06_chap_mutual_ok.pcap.zst"])
def test_secrets_are_not_shown(name: str) -> None:
    text = command("keys", SAMPLES / name).out
    assert "CHAP_R" in text and "<redacted, " in text


def test_nothing_is_said_to_be_nothing() -> None:
    assert command("keys", TWICE, "-Y", "iscsi.opcode == 0x1e").out == "no keys\n"
