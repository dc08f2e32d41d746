"""The list of commands: name, module, and what `--help` says of it. A module offers `add_arguments(parser)` and
`run(arguments)`."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """One command of the command line."""

    name: str
    module: str
    operands: str
    "What follows the name in the usage line."
    help: str
    "One line for the list of commands."


COMMANDS = (
    Command("report", "report", "FILE...", "what happened: connections, logins, PDUs, statuses, damage (the default)"),
    Command("pdus", "pdus", "FILE...", "every PDU: a line each, JSON Lines, JSON, CSV, or chosen fields"),
    Command("tasks", "tasks", "FILE...", "every request with what answered it, and how long that took"),
    Command("sessions", "sessions", "FILE...", "who with whom, over which connections, how it ended"),
    Command("connections", "connections", "FILE...", "every TCP connection: who, login, digests, how it ended"),
    Command("keys", "keys", "FILE...", "what was offered, answered and put in force, key by key"),
    Command("findings", "findings", "FILE...", "who broke which requirement of the RFC, and the PDUs that show it"),
    Command("tui", "tui", "FILE... | -i IFACE", "the terminal interface: look at everything, while it is being read"),
    Command("live", "live", "-i IFACE | -", "what happens on an interface, or in a capture that grows, as it happens"),
    Command(
        "export",
        "export",
        "FILE... --format FORMAT -o OUT",
        "the capture in another form: a ladder for a ticket, timelines",
    ),
    Command("compare", "compare", "A B", "two captures of one traffic: network or target? or two sessions"),
    Command("redact", "redact", "IN OUT", "a capture without user data and secrets, that gives the same report"),
    Command("check", "check", "FILE...", "the same for scripts: exit code 3 if something was broken; SARIF, JUnit"),
    Command(
        "conformance", "conformance", "FILE...", "what a set of captures proved: kept, broken, not exercised, by whom"
    ),
    Command("crosscheck", "crosscheck", "FILE...", "our dissection beside Wireshark's, field by field (needs tshark)"),
    Command("rules", "rules", "[WORD]...", "the rules that captures are judged by"),
    Command("explain", "explain", "RULE...", "what a rule means, why it matters, when it is silent"),
    Command("fields", "fields", "[WORD]...", "the fields that -Y and -e take"),
    Command("schema", "schema", "", "the JSON Schema of all JSON records"),
)
BY_NAME = {command.name: command for command in COMMANDS}
DEFAULT = BY_NAME["report"]
