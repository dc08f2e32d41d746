"""Occasions are counted once, for whoever could break the rule; a breach is counted as often as it was found."""

from __future__ import annotations

from iscsi_analyzer.conformance.build import conformance
from iscsi_analyzer.conformance.parties import ANALYZER, NETWORK, Party
from iscsi_analyzer.conformance.tally import MAX_PLACES, Tally
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.options import Options
from iscsi_analyzer.rules.desk import Desk
from iscsi_analyzer.rules.plugin import Plugin
from iscsi_analyzer.rules.rule import Rule
from iscsi_analyzer.rules.selection import Selection
from tests.iscsi_analyzer.conformance.tallied import tallied
from tests.iscsi_analyzer.rules.judging import without
from tests.iscsi_analyzer.stores import Feeding
from tests.support.mangle_loss import cut_start
from tests.support.talk import Talk

INITIATOR = Party("initiator", Talk().initiator_name)
TARGET = Party("target", Talk().target_name)


def clean() -> Talk:
    talk = Talk().open()
    for _ in range(4):
        talk.read(4096)
    talk.close()
    return talk


def skipping() -> Talk:
    """One command of four leaves a number out."""
    talk = Talk().open()
    for number in range(4):
        talk.session.cmd_sn += number == 2
        talk.test_unit_ready()
    return talk


def test_occasions_without_a_breach_are_held() -> None:
    count = tallied(clean()).counts["datain-pdu-order"]
    assert {party: (each.held, each.broken) for party, each in count.items()} == {TARGET: (4, 0)}


def test_a_breach_is_not_held_as_well() -> None:
    count = tallied(skipping()).counts["cmdsn-gap"][INITIATOR]
    assert (count.held, count.broken) == (3, 1)
    assert [(place.files, place.times, place.pdu) for place in count.places] == [(["capture-1"], 1, 9)]


def test_a_breach_that_nothing_shows_takes_one_of_the_occasions() -> None:
    """Of three pings one has no answer: that it does not come is shown by no PDU."""
    talk = Talk().open()
    talk.ping()
    talk.nop_out()
    for _ in range(4):
        talk.wait(10)
        talk.test_unit_ready()
    talk.ping()
    count = tallied(talk).counts["nopout-ping-unanswered"][TARGET]
    assert (count.held, count.broken) == (2, 1)


def test_rules_for_both_sides_count_for_the_sender() -> None:
    count = tallied(clean()).counts["bhs-reserved-msb"]
    assert count[INITIATOR].held + count[TARGET].held == len(clean().pdus)
    assert tallied(Talk(header_digest=True).open()).counts.get("header-digest-bad") is None
    with_digests = Talk(header_digest=True).open()
    with_digests.test_unit_ready()
    assert tallied(with_digests).counts["header-digest-bad"][NETWORK].held == 2


def test_what_cannot_be_judged_is_told_apart_with_its_reason() -> None:
    """The same conversation without a frame, or from its middle on."""
    talk = clean()
    late = tallied(cut_start(list(talk.frames), len(talk.frames) // 2))
    count = late.counts["datain-sequence-exceeds-maxburst"]
    assert sum(each.held for each in count.values()) == 0
    assert {reason for each in count.values() for reason in each.undecidable} == {"no-login"}
    holed = tallied(without(talk, len(talk.frames) // 2)).counts["cmdsn-gap"][INITIATOR]
    assert holed.held > 0
    assert holed.undecidable["gap"] > 0


def test_captures_add_up_and_parties_are_known_by_name() -> None:
    tally = tallied(clean(), skipping(), clean())
    assert [each.files for each in tally.captures] == [["capture-1"], ["capture-2"], ["capture-3"]]
    assert tally.counts["datain-pdu-order"][TARGET].held == 8
    assert set(tally.parties) == {INITIATOR, TARGET}
    assert tally.parties[INITIATOR].connections == 3
    assert next(iter(tally.parties[TARGET].addresses)).endswith(":3260")


def test_places_are_few() -> None:
    count = tallied(*[skipping()] * (MAX_PLACES + 2)).counts["cmdsn-gap"][INITIATOR]
    assert count.broken == MAX_PLACES + 2
    assert len(count.places) == MAX_PLACES


def test_rules_that_were_not_chosen_do_not_count() -> None:
    feeding = Feeding(Options(selection=Selection(select=("cmdsn-*",), severity={"cmdsn-gap": "note"})))
    feeding.feed(skipping().frames)
    feeding.engine.finish()
    tally = Tally()
    tally.add(feeding.store, ["x"])
    assert all(name.startswith("cmdsn-") for name in tally.rules)
    assert tally.rules["cmdsn-gap"][1] == "note"
    assert set(tally.counts) <= set(tally.rules)


def test_an_empty_capture_counts_nothing() -> None:
    tally = tallied([])
    assert tally.captures[0].pdus == 0
    assert tally.counts == {}


def test_a_rule_of_a_plugin_may_tell_no_occasion_or_one_that_nobody_understands() -> None:
    """Its breaches count all the same."""

    def see(follower: Follower, look: Look, desk: Desk) -> None:
        if look.opcode == 0x01:
            desk.report("shop-command", "initiator", follower, look, {})

    for occasion in ("", "no such filter", "iscsi.opcode == scsi_command"):
        rule = Rule("shop-command", "error", "initiator", "", "A command", occasion=occasion)
        feeding = Feeding(Options(plugins=(Plugin("shop", (rule,), see=see),)))
        feeding.feed(clean().frames)
        feeding.engine.finish()
        tally = Tally()
        tally.add(feeding.store, ["x"])
        count = tally.counts["shop-command"][INITIATOR]
        assert (count.held, count.broken) == (0, 4)


def test_a_rule_that_fails_is_put_down_to_nobody_on_the_wire() -> None:
    def see(follower: Follower, look: Look, desk: Desk) -> None:
        raise ValueError("not thought of")

    feeding = Feeding(Options(plugins=(Plugin("shop", (), see=see),)))
    feeding.feed(clean().frames)
    feeding.engine.finish()
    tally = Tally()
    tally.add(feeding.store, ["x"])
    assert [*tally.counts["rule-crashed"]] == [ANALYZER]
    assert "rule-crashed" in [each.rule for each in conformance(tally).rules]
    assert "rule-crashed" not in [each.rule for each in conformance(tallied(clean())).rules]
