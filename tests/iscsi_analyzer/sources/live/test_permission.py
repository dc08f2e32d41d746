"""Who may capture, and which command grants what is missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from iscsi_analyzer.sources.live import permission


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in PATH."""
    path = tmp_path / "capturer"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return path


def test_a_program_is_found_even_if_it_may_not_be_run(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert permission.find("capturer") == str(program)
    assert permission.find("no-such-capturer") == ""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert permission.find("capturer") == str(program)


def test_a_program_without_rights_of_its_own_has_those_of_the_process(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for mine in (False, True):
        monkeypatch.setattr(permission, "this_process", lambda mine=mine: mine)
        assert permission.may(str(program)) is mine


def test_a_set_user_id_program_of_root_may(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid():
        pytest.skip("only root makes such a program")
    monkeypatch.setattr(permission, "this_process", lambda: False)
    program.chmod(0o4755)
    assert permission.may(str(program))


def test_the_missing_capability_is_named_with_the_command_that_grants_it(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["/opt/bin/iscsi-analyzer", "live", "-i", "eth 0"])
    assert permission.advice(str(program)) == [
        f"the capability CAP_NET_RAW is missing; grant it: sudo setcap cap_net_raw,cap_net_admin+eip {program}",
        "as root: sudo /opt/bin/iscsi-analyzer live -i 'eth 0'",
    ]
    assert permission.advice("") == ["as root: sudo /opt/bin/iscsi-analyzer live -i 'eth 0'"]


def test_the_missing_group_is_named_with_the_command_that_joins_it(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setenv("USER", "alice")
    [first, _] = permission.advice(str(program))
    assert "sudo usermod -aG" in first
    assert first.endswith("alice (and log in again)")
