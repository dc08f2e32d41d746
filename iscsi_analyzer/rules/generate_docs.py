"""Writes the catalogue of all rules: `README.md` beside this file. Run by `make docs`; a test holds the page to what
this makes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import ModuleType

from iscsi_analyzer.rules.catalogue import HEADINGS, TOPICS, about, rules, sections
from iscsi_analyzer.rules.left_out import LEFT_OUT
from iscsi_analyzer.rules.rule import RFC_3720, SEVERITIES, Rule

HERE = Path(__file__).parent

NOT_JUDGED = "Not judged"
"The heading of what is left out."

_HEAD = """# Rules

Generated from the rules themselves by `make docs`.

{counts}.
`iscsi-analyzer explain RULE` tells of each what it means, why it matters, an example that breaks it, and when it is
silent; `iscsi-analyzer findings FILE` shows what was found, `iscsi-analyzer check FILE` fails on it.

**Evidence.** A rule speaks only when the capture proves its case. Frames that are missing, cut or captured twice, a
capture that begins in the middle or has one direction only, retransmissions, and PDUs that cross on the wire are never
held against anybody. An error is a MUST that was broken, a warning a SHOULD or a likely cause of trouble, a note a
matter of taste, or of reserved fields. One finding gathers all times that a rule was broken on a connection.

**Choosing.** `--select` and `--ignore` take names and patterns (`tmf-*`), on every command. `--profile` says which
standard peers are held to; without it, what both sides said of iSCSIProtocolLevel decides. The same can be settled in
`iscsi-analyzer.toml`, or in `pyproject.toml` below `[tool.iscsi-analyzer]`:

    ignore = ["*-reserved"]
    profile = "rfc7143"
    fail-on = "warning"

    [severity]
    "conn-closed-in-ffp" = "warning"

**Adding a rule.** A row in `RULES` of the module of its topic, and a function of the same name that is called from the
module's `see` and carries the explanation, under these headings:
{headings}.
The example is a conversation in the words of `tests/support/talk.py`; it is run, and has to break this rule and no
other. The `occasion` of the row is a display filter for the PDUs that give a chance to break the rule, of which the
example has one at least; `iscsi-analyzer conformance` counts them. Tests need a near miss of it, too. A new module is
named in `TOPICS` of `catalogue.py` and called in `judge.py`. A requirement that cannot be judged fairly is named in
`left_out.py`, with the reason.

**Plug-ins.** A module with `RULES` and any of the functions `see`, `lost`, `full_feature`, `over` and `closed` adds
rules from outside: by `--plugin FILE`, or by an entry point of the group `iscsi_analyzer.rules`. `plugin.py` describes
them. A plug-in that raises becomes a finding, `rule-crashed`, and stops nobody.
"""


def page() -> str:
    """The content of README.md."""
    counts = Counter(rule.severity for rule in rules().values())
    parts = ", ".join(f"{counts[severity]} of severity {severity}" for severity in reversed(SEVERITIES))
    head = _HEAD.format(
        counts=f"{len(rules())} rules: {parts}",
        headings=", ".join(f"*{heading}*" for heading in HEADINGS),
    )
    return head + "".join(map(_topic, TOPICS)) + _left_out()


def _topic(topic: ModuleType) -> str:
    """A table of the rules of one module, below what the module says of itself."""
    name = topic.__name__.rpartition(".")[2]
    lines = [
        "",
        f"## {name}",
        "",
        about(topic),
        "",
        "| rule | severity | broken by | what it is | reference |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_row, topic.RULES), ""])


def _left_out() -> str:
    """A table of the requirements that no rule judges."""
    lines = [
        "",
        f"## {NOT_JUDGED}",
        "",
        "Requirements of the standards that are left out, by the names that they would have, and why.",
        "",
        "| requirement | why it is left out |",
        "|---|---|",
    ]
    rows = [_table_row(f"`{name}`", reason) for name, reason in LEFT_OUT.items()]
    return "\n".join([*lines, *rows, ""])


def _row(rule: Rule) -> str:
    what = " ".join(sections(rule.name)[""].split())
    if rule.since != RFC_3720:
        what += f" Since {rule.since}."
    return _table_row(f"`{rule.name}`", rule.severity, rule.party, what, rule.reference)


def _table_row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Writes the page."""
    HERE.joinpath("README.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
