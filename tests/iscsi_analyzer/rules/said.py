"""What the tests of login, key and text rules share: beginnings of conversations, and the laws that every topic keeps.

Conversations are lines in the words of `tests.support.talk`, like the examples of explanations.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from iscsi_analyzer.rules import (
    auth,
    auth_faults,
    auth_methods,
    chap,
    chap_habits,
    chap_steps,
    digest_offers,
    iser,
    keys_answers,
    keys_forms,
    keys_level,
    keys_names,
    keys_place,
    keys_refused,
    keys_results,
    keys_special,
    keys_syntax,
    keys_values,
    login_faults,
    login_fields,
    login_names,
    login_numbers,
    login_order,
    login_refused,
    login_session,
    login_stages,
    naming,
    send_targets,
    send_targets_records,
    sessions,
    srp,
    text,
    text_continued,
    text_turns,
)
from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.rules.judging import each_lost, example, findings_of
from tests.support.mangle_loss import cut_start, one_direction
from tests.support.talk_pdu import I2T, T2I

TOPICS = (
    auth, auth_faults, auth_methods, chap, chap_habits, chap_steps, digest_offers, iser, keys_answers, keys_forms,
    keys_level, keys_names, keys_place, keys_refused, keys_results, keys_special, keys_syntax, keys_values,
    login_faults, login_fields, login_names, login_numbers, login_order, login_refused, login_session, login_stages,
    naming, send_targets, send_targets_records, sessions, srp, text, text_continued, text_turns,
)  # fmt: skip
NAMES = {rule.name for topic in TOPICS for rule in topic.RULES}

KEYS = """
talk.handshake()
keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
"""
"The connection is open, `keys` are what a first Login Request has to carry."

ANSWERED = f"""{KEYS}
talk.login_request(keys, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1"}})
"""
"One exchange of the operational stage is over."

CHAP = f"""{KEYS}
talk.login_request({{**keys, "AuthMethod": "CHAP"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"}})
"""
"CHAP is chosen."

CHALLENGED = f"""{CHAP}
talk.login_request({{"CHAP_A": "5"}}, csg=0, nsg=1, transit=False)
talk.login_response({{"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16}})
"""
"The target has sent its challenge."

RESPONSE = """{"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16}"""
MUTUAL = """{"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16, "CHAP_I": "2", "CHAP_C": "0x" + "ef" * 16}"""

MORE = """
talk.open(discovery=True)
request = talk.text_request({"SendTargets": "All"})
more = talk.text_response({"TargetName": talk.target_name}, tag=request.word(16), more=True)
"""
"A discovery session with an answer that goes on."


def names(topic: ModuleType) -> list[str]:
    """The rules of a topic."""
    return [rule.name for rule in topic.RULES]


def check_example(name: str, also: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """The example breaks its rule, and no other of these topics but those that cannot be kept then."""
    found = findings_of(example(sections(name)["Example"]))
    assert set(found) & NAMES == {name, *(also or {}).get(name, ())}


def check_near(near: Mapping[str, str], name: str) -> None:
    """What nearly breaks the rule breaks none."""
    assert findings_of(example(near[name])) == []


def check_losses(name: str) -> None:
    """A capture of the example that lacks a frame, its beginning or one direction shows no violation that the whole
    capture does not show."""
    talk = example(sections(name)["Example"])
    whole = set(findings_of(talk))
    frames = talk.frames
    lossy = [*each_lost(talk), *(cut_start(frames, count) for count in range(1, len(frames)))]
    lossy += [one_direction(frames, I2T), one_direction(frames, T2I)]
    for capture in lossy:
        assert set(findings_of(capture)) & NAMES <= whole
