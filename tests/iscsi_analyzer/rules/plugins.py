"""Plug-ins as tests want them: their source, and the plug-in that it makes."""

from __future__ import annotations

from pathlib import Path

from iscsi_analyzer.rules.plugin import Plugin, load

LARGE_READS = '''
"""One rule: nobody reads more than a megabyte at once here."""

from iscsi_analyzer.rules.rule import NOTE, Rule

RULES = (
    Rule("example-large-read", NOTE, "initiator", "house rule 7", "A read of {length} bytes, more than 1 MiB"),
)


def see(follower, look, desk):
    if look.opcode == 0x01 and look.flags & 0x40 and look.second > 1 << 20:
        example_large_read(follower, look, desk)


def example_large_read(follower, look, desk):
    """A read of more than a megabyte.

    ## What it means
    Somebody reads much at once.

    ## Why it matters
    The array is slow then.

    ## Example
        talk.open()
        talk.command(read=2 << 20)

    ## When it is silent
    For writes.

    ## Reference
    House rule 7
    """
    desk.memory.setdefault("large reads", []).append(look.number)
    desk.report("example-large-read", "initiator", follower, look, {"length": look.second})
'''

DIVIDES = '''
"""A rule that fails."""

from iscsi_analyzer.rules.rule import NOTE, Rule

RULES = (Rule("example-division", NOTE, "initiator", "", "Never found"),)


def see(follower, look, desk):
    example_division(look)


def example_division(look):
    return look.number / 0
'''


def plugin(folder: Path, source: str, name: str = "example") -> Plugin:
    """The plug-in that a source text makes."""
    file = folder / f"{name}.py"
    file.write_text(source)
    return load(file)
