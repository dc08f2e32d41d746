"""What holds for the decoders of all parameter data, as functions that the tests of each of them call."""

from __future__ import annotations

from collections.abc import Callable

from dissectors.fields import Node
from dissectors.scsi.data import decode_data, decode_parameters
from tests.dissectors.scsi.samples import Sample
from tests.dissectors.scsi.trees import check_inside, walk


def data_of(sample: Sample, data: bytes) -> list[Node]:
    """`data` as the Data-In of the sample's command."""
    return decode_data(bytes.fromhex(sample.cdb), data)


def parameters_of(sample: Sample, data: bytes) -> list[Node]:
    """`data` as the parameter list of the sample's command."""
    return decode_parameters(bytes.fromhex(sample.cdb), data)


def check_whole(sample: Sample, decode: Callable[[Sample, bytes], list[Node]] = data_of) -> list[Node]:
    """One node for the structure, named and summed up, all fields inside it, nothing left over; returns it."""
    raw = bytes.fromhex(sample.data)
    nodes = decode(sample, raw)
    assert [(node.label, node.text) for node in nodes] == [(sample.label, sample.text)]
    check_inside(nodes, 0, len(raw))
    assert nodes[0].length == len(raw)
    return nodes


def check_cuts(sample: Sample, decode: Callable[[Sample, bytes], list[Node]] = data_of) -> None:
    """Cut anywhere, what is there is decoded, inside of what is there; values stay as they were, nothing complains."""
    raw = bytes.fromhex(sample.data)
    whole = {(node.label, node.offset, node.mask): node.value for node in walk(decode(sample, raw))}
    for length in range(len(raw)):
        nodes = decode(sample, raw[:length])
        check_inside(nodes, 0, length)
        for node in walk(nodes):
            assert not node.problem
            if isinstance(node.value, int) and node.filter != "scsi.lun":
                assert whole[node.label, node.offset, node.mask] == node.value


def check_tail(sample: Sample) -> None:
    """The structure ends where its own length says; what follows it is shown apart, as bytes."""
    raw = bytes.fromhex(sample.data)
    nodes = data_of(sample, raw + b"tail")
    assert nodes[0].length == len(raw)
    assert nodes[1].value == b"tail"
    assert len(nodes) == 2
