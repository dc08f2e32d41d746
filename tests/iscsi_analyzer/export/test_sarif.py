"""SARIF 2.1.0: what the standard demands of every object that is written (OASIS SARIF v2.1.0 sections 3.13 to 3.58)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from iscsi_analyzer.export.sarif import RELATED, sarif
from iscsi_analyzer.options import Options
from iscsi_analyzer.run import Analysis
from tests.iscsi_analyzer.export.faulty import RULES, conversation
from tests.iscsi_analyzer.rules.plugins import LARGE_READS, plugin
from tests.support.samples import SAMPLES
from tests.support.talk import Talk


def document(paths: list[Path], options: Options | None = None, faults: tuple[str, ...] = ()) -> dict[str, Any]:
    """As it comes out of the JSON."""
    options = options or Options(plugins=())
    with Analysis(paths, options) as analysis:
        analysis.run()
        made = sarif(analysis.store, analysis.capture.files, analysis.findings(), options.plugins or (), faults)
    found: dict[str, Any] = json.loads(msgspec.json.encode(made))
    return found


def capture(folder: Path) -> Path:
    return conversation().save(folder / "a capture.pcap")


def test_the_log_says_what_it_is(tmp_path: Path) -> None:
    log = document([capture(tmp_path)])
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    assert run["tool"]["driver"]["name"] == "iscsi-analyzer"
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_every_result_refers_to_its_rule(tmp_path: Path) -> None:
    (run,) = document([capture(tmp_path)])["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [result["ruleId"] for result in run["results"]] == RULES
    assert len({rule["id"] for rule in rules}) == len(rules) == len(set(RULES))
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"] and result["occurrenceCount"] >= 1
    for rule in rules:
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"]
        assert rule["help"]["text"] and "## When it is silent" in rule["help"]["markdown"]


def test_places_are_bytes_of_the_capture(tmp_path: Path) -> None:
    """The bytes there are those of the PDU."""
    path = capture(tmp_path)
    raw = path.read_bytes()
    (run,) = document([path])["runs"]
    assert run["artifacts"] == [{"location": {"uri": path.as_uri()}}]
    assert "%20" in path.as_uri()
    result = run["results"][1]
    region = result["locations"][0]["physicalLocation"]["region"]
    header = raw[region["byteOffset"] : region["byteOffset"] + region["byteLength"]]
    assert (header[0] & 0x3F, header[20:24]) == (0x02, b"\xff" * 4)
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "connection 1/PDU 7"
    assert [each["id"] for each in result["relatedLocations"]] == [1, 2]


def test_what_is_shown_by_silence_has_the_place_of_its_connection(tmp_path: Path) -> None:
    (run,) = document([capture(tmp_path)])["runs"]
    (location,) = run["results"][4]["locations"]
    assert "region" not in location["physicalLocation"]
    assert location["logicalLocations"] == [{"fullyQualifiedName": "connection 2", "name": "connection 2"}]


def test_of_a_compressed_capture_no_bytes_are_named() -> None:
    (run,) = document([SAMPLES / "t01_tgt_iSCSIcmdsn_iSCSICmdSnTooHigh.pcap.zst"])["runs"]
    assert run["results"]
    assert not any("region" in place["physicalLocation"] for result in run["results"] for place in result["locations"])


def test_a_place_names_its_file(tmp_path: Path) -> None:
    """Frames of two captures, of which the second has the fault."""
    first = Talk().open()
    first.close()
    second = Talk(initiator_port=50000)
    second.wire.now = first.wire.now + 10**9
    second.open()
    second.tmf(1, referenced_task_tag=0xFFFFFFFF, response=1)
    second.close()
    paths = [first.save(tmp_path / "first.pcap"), second.save(tmp_path / "second.pcap")]
    (run,) = document(paths)["runs"]
    (result,) = run["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert run["artifacts"][artifact["index"]]["location"]["uri"] == artifact["uri"] == paths[1].as_uri()


def test_a_storm_has_few_places(tmp_path: Path) -> None:
    talk = Talk().open()
    for _ in range(40):
        talk.tmf(1, referenced_task_tag=0xFFFFFFFF, response=1)
    (run,) = document([talk.save(tmp_path / "storm.pcap")])["runs"]
    result = run["results"][0]
    assert (result["occurrenceCount"], len(result["relatedLocations"])) == (40, RELATED)


def test_rules_of_plug_ins_are_explained_too(tmp_path: Path) -> None:
    talk = Talk().open()
    talk.command(read=2 << 20)
    options = Options(plugins=(plugin(tmp_path, LARGE_READS),))
    (run,) = document([talk.save(tmp_path / "read.pcap")], options)["runs"]
    rule = run["tool"]["driver"]["rules"][0]
    assert rule["shortDescription"]["text"] == "A read of more than a megabyte."
    undeclared = LARGE_READS.replace('desk.report("example-large-read"', 'desk.report("example-other"')
    options = Options(plugins=(plugin(tmp_path, undeclared, "undeclared"),))
    (run,) = document([tmp_path / "read.pcap"], options)["runs"]
    assert run["tool"]["driver"]["rules"][0] == {"id": "example-other"}


def test_faults_of_the_input_are_notifications(tmp_path: Path) -> None:
    (run,) = document([capture(tmp_path)], faults=("cut short",))["runs"]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"] == [{"level": "error", "message": {"text": "cut short"}}]
