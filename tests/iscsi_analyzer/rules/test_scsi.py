"""Rules on SCSI tasks are fair: nothing is said of what is right, nothing is made up where the capture lacks bytes."""

from __future__ import annotations

from random import Random

import pytest

from iscsi_analyzer.rules.catalogue import sections
from tests.iscsi_analyzer.rules.judging import each_lost, example, frames_of
from tests.iscsi_analyzer.rules.scsi_talks import HEALTHY, NAMES, broken, of_tasks
from tests.support import mangle_loss
from tests.support.mangle import lossless, lossy
from tests.support.talk import I2T, T2I

CONSEQUENCES = {
    "unsolicited-accepted": ["immediate-data-not-allowed"],
    "dataout-sequence-exceeds-maxburst": ["r2t-exceeds-maxburst"],
}
"What else has to be broken for a rule to be broken."
LEFT = {"dataout-itt-mismatch": {("dataout-ttt-unknown", "initiator")}}
"What is left of a fault when the capture lacks the other task that it is about."


@pytest.mark.parametrize("name", HEALTHY)
class TestWhatIsRight:
    def test_is_not_objected_to(self, name: str) -> None:
        assert broken(HEALTHY[name]()) == []

    def test_is_right_without_any_one_frame(self, name: str) -> None:
        for number, frames in enumerate(each_lost(HEALTHY[name]())):
            assert broken(frames) == [], number

    def test_is_right_from_any_frame_on(self, name: str) -> None:
        frames = HEALTHY[name]().frames
        for start in range(len(frames)):
            assert broken(frames[start:]) == [], start

    def test_is_right_from_any_frame_on_with_one_lost(self, name: str) -> None:
        """In the middle of a session there is no login to hold on to, and the first answer may be the one that is
        missing."""
        frames, random = HEALTHY[name]().frames, Random(name)
        for _ in range(150):
            start = random.randrange(len(frames) - 4)
            lost = start + random.randrange(1, 8)
            assert broken(frames[start:lost] + frames[lost + 1 :]) == [], (start, lost)

    @pytest.mark.parametrize("direction", [I2T, T2I])
    def test_is_right_in_one_direction(self, name: str, direction: str) -> None:
        assert broken(mangle_loss.one_direction(HEALTHY[name]().frames, direction)) == []

    @pytest.mark.parametrize("length", [54, 78, 90, 96, 110, 114, 120, 200])
    def test_is_right_when_frames_are_cut(self, name: str, length: int) -> None:
        assert broken(mangle_loss.snap(HEALTHY[name]().frames, length)) == []

    def test_is_right_however_the_wire_carries_it(self, name: str) -> None:
        for seed in range(12):
            mangle = lossless(seed)
            assert broken(mangle(HEALTHY[name]().frames)) == [], mangle

    def test_is_right_however_bytes_are_lost(self, name: str) -> None:
        """All but spoiled bytes, which nobody can tell from those that were sent."""
        for seed in range(40):
            mangle = lossy(seed, without=("corrupt", "keep_alive"))
            assert broken(mangle(HEALTHY[name]().frames)) == [], mangle


@pytest.mark.parametrize("name", NAMES)
class TestEveryRule:
    def test_is_the_only_one_that_its_example_breaks(self, name: str) -> None:
        assert broken(example(sections(name)["Example"])) == [*CONSEQUENCES.get(name, []), name]

    def test_finds_no_more_where_a_frame_is_missing(self, name: str) -> None:
        """What is said of the rest is what was said of the whole, or less."""
        talk = example(sections(name)["Example"])
        whole = {(finding.rule, finding.party) for finding in of_tasks(talk)}
        for number, frames in enumerate(each_lost(talk)):
            assert {(finding.rule, finding.party) for finding in of_tasks(frames)} <= whole | LEFT.get(name, set()), (
                number
            )

    def test_finds_no_more_in_one_direction_or_from_later_on(self, name: str) -> None:
        talk = example(sections(name)["Example"])
        frames = frames_of(talk)
        whole = {finding.rule for finding in of_tasks(talk)} | {rule for rule, _ in LEFT.get(name, set())}
        for direction in (I2T, T2I):
            assert set(broken(mangle_loss.one_direction(frames, direction))) <= whole
        for start in range(len(frames)):
            assert set(broken(frames[start:])) <= whole, start
