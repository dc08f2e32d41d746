"""Every broken rule is told with its explanation, its places, and the PDUs that prove it."""

from __future__ import annotations

import pytest

from iscsi_analyzer.export.html import findings as module
from iscsi_analyzer.export.html.findings import badge, findings
from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.export.html.pages import Node, read, rows, subject


def rules(body: Node) -> dict[str, Node]:
    return {next(each.all("h3")).attributes["id"].removeprefix("rule-"): each for each in body.all("details")}


@pytest.mark.parametrize("name", ["k20", "k24", "k76", "b01"])
def test_every_rule_is_there_once_with_all_its_findings(name: str) -> None:
    found = subject(name)
    told = rules(read(findings(found)))
    wanted = {record.rule: [one for one in found.report.findings if one.rule == record.rule]
              for record in found.report.findings}  # fmt: skip
    assert set(told) == set(wanted)
    for rule, records in wanted.items():
        places = rows(told[rule], f"Where {rule} was broken")
        assert [row[0] for row in places] == [str(each.number) for each in records[: module.MOST_PLACES]]


def test_a_rule_is_explained() -> None:
    told = rules(read(findings(subject("b01"))))
    for rule, node in told.items():
        text = " ".join(node.text.split())
        parts = sections(rule)
        assert " ".join(parts["What it means"].split("\n\n")[0].split()) in text
        assert " ".join(parts["Why it matters"].split("\n\n")[0].split()) in text


def test_the_evidence_names_pdus_and_frames_and_is_drawn() -> None:
    found = subject("k76")
    node = rules(read(findings(found)))["data-digest-bad"]
    (place,) = rows(node, "Where data-digest-bad was broken")
    record = next(each for each in found.report.findings if each.rule == "data-digest-bad")
    assert f"PDU {record.pdu:,} (frame {record.frame:,})" in place[-1]
    assert "SCSI Command" in next(node.all("ol", class_="rungs")).text


def test_what_no_pdu_shows_is_looked_for_where_the_connection_ended() -> None:
    node = rules(read(findings(subject("k24"))))["conn-closed-in-ffp"]
    (place,) = rows(node, "Where conn-closed-in-ffp was broken")
    assert place[-1] == "no PDU shows it; the connection ended in frame 714"


def test_the_table_leads_to_each_rule_and_the_worst_come_first() -> None:
    body = read(findings(subject("b01")))
    told = rows(body, "Rules that were broken")
    assert [row[1] for row in told] == list(rules(body))
    assert [row[0] for row in told] == sorted((row[0] for row in told), key=("error", "warning", "note").index)
    ids = {node.attributes["id"] for node in body.all("h3")}
    assert {link.attributes["href"][1:] for link in body.all("a")} <= ids


def test_without_findings_that_is_said() -> None:
    assert read(findings(subject("k34"))).text == "No findings."


def test_what_is_cut_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RULES", 4)
    found = subject("b01")
    broken = len({record.rule for record in found.report.findings})
    assert f"{broken - 4} more rules: iscsi-analyzer findings FILE" in read(findings(found)).text


def test_a_rule_that_is_broken_on_many_connections_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PLACES", 2)
    rule = "bhs-reserved-field-nonzero"
    found = subject("b01")
    places = [record for record in found.report.findings if record.rule == rule]
    node = rules(read(findings(found)))[rule]
    assert f"{len(places) - 2} more connections: iscsi-analyzer findings FILE --select {rule}" in node.text


def test_a_severity_is_a_word() -> None:
    assert read(badge("error")).text == "error"
