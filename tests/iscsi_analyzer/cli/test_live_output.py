"""What `live` writes: lines of events or JSON as they come, problems on stderr, and the report at the end."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from iscsi_analyzer.run import Analysis
from tests.iscsi_analyzer.sources.live.actor import Actor, cast
from tests.support.command import command
from tests.support.talk import Talk
from tests.support.talk_capture import write_capture


def conversation() -> Talk:
    talk = Talk().open()
    talk.read()
    talk.test_unit_ready(status=8)
    talk.close()
    return talk


def finished(place: Path, talk: Talk) -> Actor:
    """A capture of that conversation that ends by itself."""
    return Actor(place, ("file", 0, str(write_capture(place / "talk.pcap", talk.frames))), ("exit", 0))


def test_events_are_lines_and_the_report_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cast(monkeypatch, finished(tmp_path, conversation()))
    done = command("live", "-i", "lo", "-a", "packets:999", "--config", "none")
    lines = done.out.splitlines()
    assert [line.split()[1] for line in lines[:4]] == ["login", "failed", "logout", "end"]
    assert "BUSY" in lines[1]
    assert "live on lo (not kept)" in lines[5]
    assert any(line.startswith("1 iSCSI connection, 1 session") for line in lines)
    assert done.code == 0
    assert done.err.startswith("iscsi-analyzer: capturing on lo with scapy's capture sockets, filter: tcp port 3260")


def test_json_is_pdus_tasks_findings_and_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = conversation()
    cast(monkeypatch, finished(tmp_path, talk))
    done = command("live", "-i", "lo", "-a", "packets:999", "-T", "jsonl", "-q", "--config", "none")
    kinds = [record["type"] for record in done.records]
    assert kinds.count("pdu") == len(talk.pdus)
    assert kinds.count("task") == 4
    assert kinds[-1] == "report"
    assert (done.code, done.err) == (0, "")


def test_what_goes_wrong_while_capturing_is_told_and_changes_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(write_capture(tmp_path / "talk.pcap", conversation().frames))
    cast(monkeypatch, Actor(tmp_path, ("file", 0, path), ("say", "No space left on device"), ("exit", 1)))
    done = command("live", "-i", "lo", "-q", "--config", "none")
    assert done.code == 2
    assert "ended with exit code 1: No space left on device: what was captured before is kept" in done.err
    assert "1 iSCSI connection, 1 session" in done.out


def test_when_memory_is_short_old_pdus_are_forgotten_and_sessions_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything was told before; the login and what was negotiated are in the report all the same."""
    talk = Talk().open()
    for lba in range(400):
        talk.read(lba=lba)
    talk.close()
    files = []
    for number, at in enumerate(range(0, len(talk.frames), 200)):
        files.append(("file", number, str(write_capture(tmp_path / f"part{number}.pcap", talk.frames[at : at + 200]))))
    forget = Analysis.forget
    for form in ("text", "jsonl"):
        place = tmp_path / form
        place.mkdir()
        cast(monkeypatch, Actor(place, *files, ("exit", 0)))
        gone: list[int] = []

        def count(analysis: Analysis, gone: list[int] = gone) -> int:
            gone.append(forget(analysis))
            return gone[-1]

        monkeypatch.setattr(Analysis, "forget", count)
        done = command("live", "-i", "lo", "-a", "packets:999", "--max-memory", "80k", "-T", form, "--config", "none")
        assert done.code == 0
        assert gone
        assert done.err.count("from now on old ones are forgotten") == 1
        assert f"{sum(gone)} old PDUs were forgotten" in done.err
        if form == "text":
            events = [line.split()[1] for line in done.out.split("\n\n")[0].splitlines()]
            assert events == ["login", "logout", "end"]
            assert "goes on: " not in done.out
            assert f"{len(talk.pdus) - sum(gone):,} PDUs" in done.out
        else:
            kinds = Counter(record["type"] for record in done.records)
            assert kinds == {"pdu": len(talk.pdus), "task": 402, "report": 1}
            report = done.records[-1]
            assert report["pdus"] == len(talk.pdus) - sum(gone)
            assert report["logins"] == [{"outcome": "reached the full feature phase", "count": 1}]


def test_when_memory_is_too_short_everything_is_forgotten_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not even what explains the rest has room. The session goes on by its name; in JSON a report ends each
    part."""
    talk = Talk().open()
    for lba in range(40):
        talk.read(lba=lba)
    cut = len(talk.frames)
    for lba in range(40):
        talk.read(lba=lba)
    talk.close()
    first = str(write_capture(tmp_path / "first.pcap", talk.frames[:cut]))
    second = str(write_capture(tmp_path / "second.pcap", talk.frames[cut:]))
    begin_anew = Analysis.begin_anew
    for form in ("text", "jsonl"):
        place = tmp_path / form
        place.mkdir()
        actor = Actor(place, ("file", 0, first), ("wait", "next"), ("file", 1, second), ("exit", 0))
        cast(monkeypatch, actor)
        monkeypatch.setattr(Analysis, "begin_anew", lambda self, cue=actor.cue: (begin_anew(self), cue("next")))
        done = command("live", "-i", "lo", "-a", "packets:999", "--max-memory", "1k", "-T", form, "--config", "none")
        assert done.code == 0
        assert "they are forgotten" in done.err
        if form == "text":
            assert "goes on: " in done.out
            assert "iqn.2005-03.com.example:initiator -> iqn.2005-03.com.example:target" in done.out
        else:
            kinds = [record["type"] for record in done.records]
            assert kinds.count("report") >= 2
            assert not [record for record in done.records if record["type"] == "finding"]
