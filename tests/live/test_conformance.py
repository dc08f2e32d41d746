"""libiscsi's suite exercises a real target while we watch: `conformance` tells what it brought about, and whose fault
each breach was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.live.watching import Watching, offline
from tests.support.command import command
from tests.support.peers import IQN, Target
from tests.support.programs import run
from tests.support.samples import port_options
from tests.support.tools import CAPTURING, need

pytestmark = pytest.mark.live

SUITES = ("iSCSI.iSCSIcmdsn.iSCSICmdSnTooLow", "iSCSI.iSCSIdatasn", "iSCSI.iSCSITMF", "SCSI.Read10.Simple")
WRONG_ON_PURPOSE = {"cmdsn-duplicate", "dataout-datasn-gap"}
"What these suites do to the target, and what an initiator is told by it."


def test_the_suite_exercises_the_target_and_breaks_what_it_means_to(tmp_path: Path) -> None:
    need(CAPTURING, "tgtd", "tgtadm", "iscsi-test-cu")
    kept = tmp_path / "kept.pcapng"
    with Target() as target:
        target.serve()
        with Watching(tmp_path, [target.port], "-w", str(kept)) as watching:
            for suite in SUITES:
                run("iscsi-test-cu", "-d", "-s", "-t", suite, target.url(), ok=())
    assert watching.code == 0
    options = ("-T", "jsonl", *port_options([target.port]))
    rules = {each["rule"]: each for each in command("conformance", kept, *options).records if "rule" in each}
    for name in WRONG_ON_PURPOSE:
        assert roles(rules[name], "broken") == {"initiator"}
    for name in ("tmf-refcmdsn-wrong", "tmf-response-unsolicited", "datain-pdu-order", "login-final-tsih-zero"):
        assert rules[name]["state"] == "held"
    assert rules["snack-at-erl0"]["state"] == "not-exercised"
    broken = {(each["rule"], each["party"]) for each in offline("findings", [kept], [target.port])}
    told = {(name, role) for name, rule in rules.items() for role in roles(rule, "broken")}
    assert {(name, "nobody" if party in ("network", "capture") else party) for name, party in broken} == told
    of_target = command("conformance", kept, "--party", IQN, *options).records
    assert [each["party"]["name"] for each in of_target if each["type"] == "conformance-party"] == [IQN]


def roles(rule: dict[str, Any], state: str) -> set[str]:
    """What the parties were for which the rule fared so."""
    return {each["party"]["role"] for each in rule["parties"] if each["state"] == state}
