"""The head of the page tells what the report tells first."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from iscsi_analyzer.export.findings_text import MANY
from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.html.overview import overview, sign, title
from iscsi_analyzer.export.html.subject import Subject
from iscsi_analyzer.export.report_text import in_short
from tests.iscsi_analyzer.export.html.pages import read, subject
from tests.support.command import analysed
from tests.support.samples import SAMPLES
from tests.support.talk import Talk


def test_what_to_know_first_is_what_the_report_says() -> None:
    found = subject("k24")
    (said,) = read(overview(found)).all("ul", class_="short")
    told = [line.all("span") for line in said.all("li")]
    assert len(told) == len(in_short(found.report)) == 3
    assert "ABORT TASK had no answer for 15.1 s" in said.text.replace("\xa0", " ")


def test_each_headline_leads_to_its_answer() -> None:
    found = subject("k24")
    links = [link.attributes["href"] for link in read(overview(found)).all("a")]
    assert links == [f"#q{headline.question}" for headline in found.report.headlines]


def test_broken_rules_lead_to_the_findings() -> None:
    links = [link.attributes["href"] for link in read(overview(subject("b01"))).all("a")]
    assert links[-1] == "#findings"


def test_a_capture_without_iscsi_says_so() -> None:
    talk = Talk()
    talk.handshake()
    body = read(overview(subject(talk)))
    assert "No iSCSI was found" in body.text
    assert not list(body.all("ul", class_="short"))


def test_a_part_is_called_a_part() -> None:
    body = read(overview(subject("k24", Part(limits=("--session 2", "-Y 'iscsi'")))))
    assert "About a part of the capture only: --session 2, -Y 'iscsi'" in body.text


def test_the_numbers_are_those_of_the_report() -> None:
    found = subject("b01")
    (tiles,) = read(overview(found)).all("ul", class_="tiles")
    said = {item.text for item in tiles.all("li")}
    counts = Counter(finding.severity for finding in found.report.findings)
    wanted = {f"{count} {MANY[severity]}" for severity, count in counts.items()}
    assert {"298 PDUs", "36 sessions"} | wanted <= said


def test_the_page_is_called_after_its_file() -> None:
    assert title(subject("k24")) == "k24_kernel_abort_lunreset_recovery.pcap.zst"


def test_a_sign_is_a_word_for_those_who_do_not_see_it() -> None:
    (found,) = read(sign("bad")).all("span")
    assert (found.attributes["role"], found.attributes["aria-label"]) == ("img", "hurts")


def test_a_damaged_file_is_told_with_what_is_wrong(tmp_path: Path) -> None:
    whole = (SAMPLES / "k06_chap_wrong_password.pcap").read_bytes()
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(whole[:-10])
    body = read(overview(Subject(analysed(cut), Part())))
    assert "error cut.pcap at byte" in body.text
    assert next(body.all("span", class_="badge error")).text == "error"
    assert str(tmp_path) not in body.text
