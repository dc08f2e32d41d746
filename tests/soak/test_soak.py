"""The judge of a soak knows whose fault a finding is, and lets nothing pass that is not argued."""

from __future__ import annotations

from pathlib import Path

from iscsi_analyzer.rules.catalogue import rules
from iscsi_analyzer.rules.rule import NOTE
from tests.iscsi_analyzer.export.faulty import conversation
from tests.soak.acts import ACTS
from tests.soak.judge import Fault, Judgement, arguments
from tests.support.talk import Talk

TGT = {3260: "tgt"}


def test_every_argument_is_about_a_rule_that_wants_one_and_quotes_the_standard() -> None:
    for fault, why in arguments().items():
        assert rules()[fault.rule].severity != NOTE
        assert fault.party in ("initiator", "target", "network")
        assert why.startswith("RFC ")


def test_what_is_not_argued_is_told_with_its_place(tmp_path: Path) -> None:
    judgement = Judgement()
    assert judgement.add(conversation().save(tmp_path / "faulty.pcap"), TGT) == 3
    assert Fault("tmf-refcmdsn-wrong", "initiator", "?") in judgement.unargued
    assert judgement.notes[Fault("tmf-lun-reserved", "initiator", "?")] == 1
    lines = judgement.lines()
    assert lines[0] == "1 captures, 2 sessions, 2 connections, 25 PDUs, 11 tasks, 0 holes in captures"
    assert any("faulty.pcap connection 1 PDU" in line for line in lines)


def test_what_is_argued_is_counted_for_the_software_that_is_known_for_it(tmp_path: Path) -> None:
    talk = Talk(initiator_name="iqn.2008-11.org.linux-kvm").open()
    task = talk.command(read=4096)
    talk.data_in(task, 4096)
    talk.response(task, status=2, sense=bytes.fromhex("700005000000000a00000000210000000000"), exp_data_sn=0)
    talk.close()
    judgement = Judgement()
    assert judgement.add(talk.save(tmp_path / "tgt.pcap"), TGT) == 0, judgement.lines()
    assert judgement.argued == {Fault("expdatasn-mismatch", "target", "tgt"): 1}
    other = Judgement()
    assert other.add(tmp_path / "tgt.pcap", {3260: "another"}) == 1


def test_there_is_something_to_do_for_everybody() -> None:
    assert all(each.weight > 0 for each in ACTS)
    assert len({each.act for each in ACTS}) == len(ACTS)
