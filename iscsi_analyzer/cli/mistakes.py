"""Helpful words for mistakes that people make, above all those who have tshark in their fingers."""

from __future__ import annotations

import os
from difflib import get_close_matches

from iscsi_analyzer.cli.commands import COMMANDS
from iscsi_analyzer.cli.exits import Stop

_LIVE = "interfaces are watched by: iscsi-analyzer live -i IFACE (live -D lists them)"

OPTIONS = {
    "-Y": "filters belong to the commands that read captures: iscsi-analyzer pdus FILE -Y FILTER",
    "-R": "-Y takes the same filters",
    "-i": _LIVE,
    "-D": _LIVE,
    "-w": "the output goes to stdout; captures are kept by: iscsi-analyzer live -i IFACE -w FILE",
    "-z": "there are no taps; the report has counts and times (iscsi-analyzer FILE)",
    "-n": "names are never looked up; leave it out",
    "-2": "two passes are the rule here; leave it out",
    "-o": "there are no preferences; --help lists the options",
    "-G": "the fields are listed by: iscsi-analyzer fields",
    "-l": "output to a pipe is written batch by batch; leave it out",
    "-F": "-T chooses the form of the output, and export writes other forms: iscsi-analyzer export --help",
    "-e": "fields belong to: iscsi-analyzer pdus FILE -T fields -e FIELD",
    "-E": "it belongs to: iscsi-analyzer pdus FILE -T fields -E header=y -e FIELD",
    "-V": "details of PDUs are told by: iscsi-analyzer pdus FILE -V",
    "-x": "bytes of PDUs are shown by: iscsi-analyzer pdus FILE -x",
    "-t": "times of PDUs are told by: iscsi-analyzer pdus FILE -t a",
}
"Options of tshark, or of another command, that a command does not have: what to say."

FORMATS = {
    "ek": "jsonl (one JSON object a line)",
    "jsonraw": "jsonl (one JSON object a line)",
    "ndjson": "jsonl",
    "tabs": "fields -E separator=/t",
    "pdml": "json",
    "psml": "text",
    "ps": "text",
    "xml": "json",
    "tsv": "fields -E separator=/t",
}
"Output formats of others: the nearest one here."


def of_words(command: str, words: list[str]) -> str:
    """What to say of words that the command does not take."""
    for word in words:
        for option, remark in OPTIONS.items():
            if word == option or (len(word) > 2 and word.startswith(option) and not word.startswith("--")):
                return f"{command} has no option {option}: {remark}"
    options = " ".join(words)
    return f"{command} does not know {options}\n(iscsi-analyzer {command} --help lists its options)"


def of_format(name: str, known: tuple[str, ...]) -> str:
    """What to say of an output format that there is not."""
    nearest = FORMATS.get(name, "")
    hint = f": did you mean -T {nearest}?" if nearest.split(" ")[0] in known else ""
    return f"no output format {name!r}{hint or ','} choose from {', '.join(known)}"


def of_command(word: str) -> None:
    """Stops when the first word is neither an option nor a file, but nearly a command."""
    if word.startswith("-") or "." in word or os.sep in word or os.path.lexists(word):
        return
    near = get_close_matches(word, [command.name for command in COMMANDS], 1)
    if near:
        raise Stop(f"no command and no file is called {word!r}: did you mean `{near[0]}`?")
