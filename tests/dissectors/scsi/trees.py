"""Helpers for tests of node trees."""

from __future__ import annotations

from collections.abc import Iterator

from dissectors.fields import Node


def walk(nodes: list[Node]) -> Iterator[Node]:
    """Every node of a forest, parents before children."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def find(nodes: list[Node], name: str) -> Node:
    """The first node with this filter name, or else with this label."""
    for node in walk(nodes):
        if node.filter == name:
            return node
    for node in walk(nodes):
        if node.label == name:
            return node
    raise KeyError(name)


def check_inside(nodes: list[Node], start: int, end: int) -> None:
    """Assert that every node lies in [start, end), its children within it, and that its mask fits its length."""
    for node in nodes:
        assert start <= node.offset, node
        assert node.length >= 0, node
        assert node.offset + node.length <= end, node
        assert node.mask < 1 << (8 * node.length) or not node.mask, node
        assert isinstance(node.text, str)
        check_inside(node.children, node.offset, node.offset + node.length)
