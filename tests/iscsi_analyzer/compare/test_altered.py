"""A PDU that changed on the way is told with the fields or bytes that are not the same."""

from __future__ import annotations

from tests.support.mangle_loss import flip
from tests.support.mangle_whole import Frames, packet_of
from tests.support.talk import Talk
from tests.support.two_sides import compared, with_data


def talk() -> Talk:
    talk = Talk(data_digest=True).open()
    task = talk.command(read=4096)
    talk.data_in(task, 4096, status=0)
    talk.logout()
    talk.fin()
    return talk


def spoiled(frames: Frames, size: int, where: float) -> Frames:
    """The first segment with so much data at least, with one byte changed."""
    place = with_data(frames, least=size, behind=0)[0]
    return [*frames[:place], flip(frames[place], where, 1), *frames[place + 1 :]]


def test_changed_data_are_told_with_place_and_digests() -> None:
    frames = talk().frames
    record = compared(frames, spoiled(frames, 1400, 0.9))
    [each] = record.altered
    assert each.what.startswith("SCSI Data-In")
    assert [words for words in each.differs if words.startswith("1 byte behind the header")] == each.differs
    assert each.digests == "data digest ok in A, bad in B"
    assert not record.identical
    assert any("changed on the way" in headline.text for headline in record.headlines)


def test_a_changed_header_is_told_by_its_fields() -> None:
    frames = talk().frames
    place = next(
        at for at, frame in enumerate(frames)
        if (found := packet_of(frame)) is not None and found.target_port == 3260 and found.payload[:1] == b"\x01"
    )  # fmt: skip
    other = [*frames[:place], flip(frames[place], 21 / 52, 7), *frames[place + 1 :]]
    record = compared(frames, other)
    [each] = record.altered
    assert each.direction == "I2T"
    assert len(each.differs) == 1
    assert " in A, " in each.differs[0]
