"""NOP-Out and NOP-In (RFC 7143 sections 11.18 and 11.19)."""

from __future__ import annotations

from tests.dissectors.iscsi.headers import find, made, names


def test_a_ping_that_wants_an_answer_names_its_task() -> None:
    pdu = made("NOP-Out", b"ping", initiator_task_tag=5, cmd_sn=9, exp_stat_sn=4, immediate=1)
    assert pdu.summary() == "NOP-Out ITT 0x5 CmdSN 9 ExpStatSN 4 immediate data 4"
    assert find(pdu.tree(), "iscsi.pingdata").value == b"ping"
    assert names(pdu) == []


def test_a_ping_with_task_tag_0_is_a_ping_like_any_other() -> None:
    assert made("NOP-Out", initiator_task_tag=0).summary().startswith("NOP-Out ITT 0x0 ")


def test_an_answer_to_the_target_names_the_targets_tag() -> None:
    pdu = made("NOP-Out", initiator_task_tag=0xFFFFFFFF, target_transfer_tag=7, lun=1 << 48)
    assert pdu.summary() == "NOP-Out no reply wanted TTT 0x7 CmdSN 0 ExpStatSN 0"
    assert find(pdu.tree(), "scsi.lun").text == "1"


def test_without_a_transfer_tag_the_lun_means_nothing() -> None:
    assert "not meaningful" in find(made("NOP-In", initiator_task_tag=1).tree(), "scsi.lun").text


def test_a_ping_of_the_target_shows_where_its_numbers_are() -> None:
    pdu = made("NOP-In", initiator_task_tag=0xFFFFFFFF, target_transfer_tag=7, stat_sn=1, exp_cmd_sn=2, max_cmd_sn=3)
    assert pdu.summary() == "NOP-In TTT 0x7 StatSN 1 ExpCmdSN 2 MaxCmdSN 3"
