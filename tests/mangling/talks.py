"""Healthy conversations of every shape, by name: what networks and captures may do to any of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random

from tests.support.talk import HEADER_APART, PARTS_APART, STREAM, Talk, drip, together
from tests.support.talk_load import mixture


def _small_bursts() -> Talk:
    return mixture(
        5,
        pdus=160,
        initial_r2t=False,
        immediate_data=False,
        max_burst_length=4096,
        first_burst_length=2048,
        target_max_recv_data_segment_length=1024,
    )


def _big() -> Talk:
    """PDUs of many segments, with small ones between them."""
    talk = Talk(
        initiator_max_recv_data_segment_length=1 << 17,
        target_max_recv_data_segment_length=1 << 17,
        max_burst_length=1 << 17,
        segmentation=STREAM,
        data_digest=True,
    ).open()
    for number in range(3):
        talk.read(1 << 17, lba=number * 256)
        talk.test_unit_ready()
        talk.write(1 << 17, lba=number * 256)
        talk.ping(b"?")
    talk.close()
    return talk


def _batches() -> Talk:
    """Queued reads whose answers come as one stream: hardly a header begins a segment."""
    talk = Talk(segmentation=STREAM).open()
    random = Random(4)
    for _ in range(12):
        tasks = [talk.command(read=4096, lba=random.randrange(1 << 20)) for _ in range(5)]
        for task in tasks:
            talk.serve(task)
    talk.close()
    return talk


TALKS: dict[str, Callable[[], Talk]] = {
    "plain": cache(lambda: mixture(1, pdus=160)),
    "both digests": cache(lambda: mixture(2, pdus=160, header_digest=True, data_digest=True)),
    "as LIO": cache(lambda: mixture(3, pdus=160, data_digest=True, segmentation=(HEADER_APART, PARTS_APART))),
    "three connections": cache(lambda: mixture(4, pdus=200, connections=3)),
    "two connections with digests": cache(
        lambda: mixture(
            14, pdus=200, connections=2, header_digest=True, data_digest=True, segmentation=(PARTS_APART, STREAM)
        )
    ),
    "small bursts": cache(_small_bursts),
    "a stream": cache(lambda: mixture(6, pdus=160, segmentation=STREAM)),
    "a stream with digests": cache(
        lambda: mixture(16, pdus=160, segmentation=STREAM, header_digest=True, data_digest=True)
    ),
    "five together": cache(lambda: mixture(8, pdus=160, segmentation=together(5))),
    "small segments": cache(lambda: mixture(7, pdus=60, segmentation=drip(61), mss=512)),
    "IPv6": cache(lambda: mixture(9, pdus=160, initiator="2001:db8::1", target="2001:db8::2")),
    "big PDUs": cache(_big),
    "batches": cache(_batches),
}
"""All of them end with logout and FIN, and every task is answered."""

NAMES = list(TALKS)


def talk_of(name: str) -> Talk:
    """The conversation of that name; always the same object."""
    return TALKS[name]()
