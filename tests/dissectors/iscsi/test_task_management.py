"""Task Management Function Request and Response (RFC 7143 sections 11.5 and 11.6, RFC 7144 section 6)."""

from __future__ import annotations

import pytest

from tests.dissectors.iscsi.headers import find, made, names

REQUEST = "Task Management Function Request"
RESPONSE = "Task Management Function Response"


@pytest.mark.parametrize(
    ("values", "summary"),
    [
        ({"function": 1, "referenced_task_tag": 7, "ref_cmd_sn": 3, "lun": 1 << 48},
         "ABORT TASK LUN 1 of ITT 0x7 RefCmdSN 3 ITT 0x2 CmdSN 0"),
        ({"function": 5, "immediate": 1}, "LOGICAL UNIT RESET LUN 0 ITT 0x2 CmdSN 0 immediate"),
        ({"function": 6, "lun": 1 << 48}, "TARGET WARM RESET ITT 0x2 CmdSN 0"),
        ({"function": 9, "referenced_task_tag": 7}, "QUERY TASK LUN 0 of ITT 0x7 RefCmdSN 0 ITT 0x2 CmdSN 0"),
        ({"function": 11}, "I_T NEXUS RESET ITT 0x2 CmdSN 0"),
        ({"function": 13}, "unassigned (0x0d) ITT 0x2 CmdSN 0"),
    ],
)  # fmt: skip
def test_each_function_says_what_it_is_about(values: dict[str, int], summary: str) -> None:
    assert made(REQUEST, initiator_task_tag=2, **values).summary() == f"{REQUEST} {summary}"


@pytest.mark.parametrize("function", range(13))
def test_fields_mean_something_only_for_the_functions_that_use_them(function: int) -> None:
    tree = made(REQUEST, function=function).tree()
    said = {
        name: "not meaningful" not in find(tree, name).text
        for name in ("scsi.lun", "iscsi.refcmdsn", "iscsi.expdatasn")
    }
    assert said == {
        "scsi.lun": function in (1, 2, 3, 4, 5, 9, 10, 12),
        "iscsi.refcmdsn": function in (1, 9),
        "iscsi.expdatasn": function == 8,
    }


@pytest.mark.parametrize(
    ("response", "words"),
    [(0, "Function complete"), (7, "Function succeeded"), (9, "reserved (0x09)"), (255, "Function rejected")],
)
def test_the_answer_says_what_became_of_it(response: int, words: str) -> None:
    pdu = made(RESPONSE, response=response, initiator_task_tag=2, stat_sn=4)
    assert pdu.summary() == f"{RESPONSE} {words} ITT 0x2 StatSN 4"
    assert names(pdu) == []


def test_the_additional_response_information_has_three_bytes() -> None:
    pdu = made(RESPONSE, additional_response_information=0x123456)
    assert pdu.header[8:11].hex() == "123456"
    assert find(pdu.tree(), "Additional Response Information").text == "0x123456"
