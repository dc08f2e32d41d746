"""What devices say of themselves, and commands that do not fit it."""

from __future__ import annotations

import pytest

from iscsi_analyzer.rules import device_data
from tests.iscsi_analyzer.rules.judging import check_example, check_losses, check_near, finding_of, names
from tests.support.talk import Talk

NEAR = {
    "cdb-edtl-vs-transfer-length": """
        talk.open()
        capacity = talk.command(bytes((0x25,)) + bytes(9), read=8)
        talk.data_in(capacity, bytes((0, 0, 255, 255, 0, 0, 2, 0)), status=0)
        short = talk.command(bytes((0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0)), read=4096)
        talk.data_in(short, 512, final=True)
        talk.response(short, underflow=3584)
        protected = talk.command(bytes((0x28, 0x20, 0, 0, 0, 0, 0, 0, 8, 0)), read=4160)
        talk.data_in(protected, 4096, final=True)
        talk.response(protected, underflow=64)
        other = talk.command(bytes((0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0)), read=32768, lun=1)
        talk.data_in(other, 4096, final=True)
        talk.response(other, underflow=28672)
        """,
    "report-luns-length": """
        talk.open()
        luns = talk.command(bytes((0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0)), read=16)
        talk.data_in(luns, bytes((0, 0, 0, 32)) + bytes(12), status=0)
        """,
}
"What nearly breaks each rule."


@pytest.mark.parametrize("name", names(device_data))
class TestEachRule:
    def test_is_broken_by_its_example_alone(self, name: str) -> None:
        check_example(name)

    def test_is_kept_by_what_nearly_breaks_it(self, name: str) -> None:
        check_near(NEAR, name)

    def test_accuses_nobody_of_what_the_capture_lacks(self, name: str) -> None:
        check_losses(name)


@pytest.mark.parametrize(
    ("cdb", "phase"),
    [
        (bytes((0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0)), True),
        (bytes((0xA8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0)), False),
        (bytes((0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0)), True),
    ],
)
def test_reads_of_every_length_are_compared_however_their_status_comes(cdb: bytes, phase: bool) -> None:
    """The size of the blocks comes from READ CAPACITY(16) here."""
    talk = Talk().open()
    capacity = talk.command(bytes((0x9E, 0x10)) + bytes(11) + bytes((32, 0, 0)), read=32)
    talk.data_in(capacity, bytes((0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 16, 0)) + bytes(20), status=0)
    read = talk.command(cdb, read=8192)
    if phase:
        talk.data_in(read, 4096, status=0, residual_count=4096)
    else:
        talk.data_in(read, 4096, final=True)
        talk.response(read, underflow=4096)
    assert finding_of(talk, "cdb-edtl-vs-transfer-length").facts == {"blocks": 1, "size": 4096, "expected": 8192}
