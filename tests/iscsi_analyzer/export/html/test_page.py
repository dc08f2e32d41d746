"""The page as a whole: well formed, alone in the world, the same each time, small whatever the capture, and deaf to
what hostile peers write."""

from __future__ import annotations

import itertools
import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from iscsi_analyzer.export.formats import Part
from iscsi_analyzer.export.html.page import own, policy
from tests.iscsi_analyzer.export.html.pages import Node, page, parsed, sample, written
from tests.support.command import analysed, command
from tests.support.samples import SAMPLES
from tests.support.talk import Talk

NAMES = ["k20", "k24", "k34", "k06", "k46", "k84", "b01", "f10", "f44", "m12"]
HOSTILE = "iqn.x:<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;--></style></svg>\u202e{{7*7}}"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_well_formed_and_every_id_is_unique_and_every_link_arrives(name: str) -> None:
    document = page(name)
    ids = Counter(node.attributes["id"] for node in document.all() if "id" in node.attributes)
    assert {each for each, count in ids.items() if count > 1} == set()
    goals = {node.attributes["href"] for node in document.all("a")}
    assert {goal for goal in goals if goal[1:] not in ids} == set()


@pytest.mark.parametrize("name", NAMES)
def test_it_refers_to_nothing_outside(name: str) -> None:
    document = page(name)
    for node in document.all():
        assert not {"src", "srcset", "action", "data", "poster", "style"} & set(node.attributes)
        assert not any(key.startswith("on") for key in node.attributes)
        assert node.attributes.get("href", "#").startswith("#")
        assert node.name not in ("link", "img", "iframe", "object", "embed", "base", "form")
    for name_of_file in ("style.css", "script.js"):
        assert not re.search(r"https?:|//\w|url\(|@import|\bimport\(|fetch|XMLHttp|eval|innerHTML", own(name_of_file))


def test_headings_go_down_step_by_step() -> None:
    levels = [int(node.name[1]) for node in page("b01").all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_only_its_own_style_and_script_are_allowed() -> None:
    document = page("k24")
    (said,) = document.all("meta", http_equiv="Content-Security-Policy")
    (style,), (script,) = document.all("style"), document.all("script")
    assert said.attributes["content"] == policy(style.text, script.text)
    assert said.attributes["content"].startswith("default-src 'none'; ")
    for content in (style.text, script.text):
        assert b64encode(sha256(content.encode()).digest()).decode() in said.attributes["content"]


@pytest.mark.parametrize("name", ["k24", "b01"])
def test_the_same_capture_gives_the_same_page(name: str) -> None:
    once = written(sample(name))
    assert once == written(sample(name)) == written(analysed(next(SAMPLES.glob(f"{name}_*"))))


def hostile() -> Talk:
    """Both sides say things that are no names, and the login fails."""
    talk = Talk(initiator_name=HOSTILE, target_name=HOSTILE)
    talk.handshake()
    talk.login_request({"InitiatorName": HOSTILE, "TargetName": HOSTILE, "SessionType": "Normal", "X-<b>": "<i>&</i>"})
    talk.login_response({"TargetAlias": HOSTILE, "HeaderDigest": "<script>"}, status=0x0201)
    talk.close()
    return talk


def test_what_peers_write_stays_text() -> None:
    document = parsed(written(analysed(hostile())).decode())
    assert len(list(document.all("script"))) == len(list(document.all("style"))) == 1
    assert not list(document.all("img", "i"))
    assert "<script>alert(1)</script><img src=x onerror=alert(1)>" in document.text
    assert "\u202e" not in document.text and "\\u202e" in document.text


def test_the_name_of_a_file_stays_text(tmp_path: Path) -> None:
    capture = tmp_path / "<script>alert(1)<!--.pcap"
    capture.write_bytes((SAMPLES / "k06_chap_wrong_password.pcap").read_bytes())
    done = command("export", capture, "--format", "html")
    assert done.code == 0
    document = parsed(done.out)
    assert len(list(document.all("script"))) == 1
    assert next(document.all("h1")).text == capture.name


def tasks(count: int) -> bytes:
    talk = Talk().open()
    for _ in range(count):
        talk.response(talk.command())
    return written(analysed(talk))


def test_ten_times_as_many_tasks_make_no_larger_page() -> None:
    assert abs(len(tasks(1000)) - len(tasks(100))) < 5000


def test_a_part_is_told_as_such_and_tasks_can_be_asked_for() -> None:
    capture = SAMPLES / "k24_kernel_abort_lunreset_recovery.pcap.zst"
    document = parsed(command("export", capture, "--format", "html", "--session", "2", "--task", "100").out)
    assert "About a part of the capture only: --session 2" in document.text
    (ladders,) = document.all("section", id="ladders")
    assert [node.attributes["id"] for node in ladders.all("details")] == ["task-100"]


def test_a_task_that_is_not_there_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    capture = SAMPLES / "k24_kernel_abort_lunreset_recovery.pcap.zst"
    done = command("export", capture, "--format", "html", "--task", "9999", "-o", out)
    assert (done.code, out.exists()) == (1, False)
    assert "there is no such task" in done.err


def test_every_section_is_in_the_contents() -> None:
    document = page("b01")
    (nav,) = document.all("nav")
    (main,) = document.all("main")
    sections = [node for node in main.children if isinstance(node, Node)]
    assert [link.attributes["href"][1:] for link in nav.all("a")] == [node.attributes["id"] for node in sections]
    for node in sections:
        assert any(each.attributes.get("id") == node.attributes["aria-labelledby"] for each in node.all("h2"))


def test_a_capture_without_iscsi_is_a_page_too() -> None:
    talk = Talk()
    talk.handshake()
    document = parsed(written(analysed(talk), Part()).decode())
    assert "No iSCSI was found" in document.text
