"""A capture that can leave the building: without user data and login secrets, and, if wanted, without names, addresses
and serial numbers.

Lengths, numbers and times stay, so that the redacted capture gives the same report.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from iscsi_analyzer.cli import target
from iscsi_analyzer.cli.exits import Stop
from iscsi_analyzer.cli.inputs import add_input_arguments, batches, conclude, opened
from iscsi_analyzer.cli.output import Output

if TYPE_CHECKING:
    from iscsi_analyzer.redaction.redact import Account


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `redact`."""
    add_input_arguments(parser)
    group = parser.add_argument_group(
        "redaction", "The last FILE is where to, - for standard output; it becomes a pcapng file."
    )
    group.add_argument("--names", action="store_true", help="other names of initiators, targets, users and hosts")
    group.add_argument("--addresses", action="store_true", help="other IP and MAC addresses")
    group.add_argument("--serials", action="store_true", help="other serial numbers and identifications of devices")
    group.add_argument("--all", action="store_true", help="all of these")
    group.add_argument("--cut", action="store_true", help="cut user data at the end of frames off, not only zero it")
    group.add_argument(
        "--keep-undecoded", action="store_true", help="keep frames without iSCSI, unchanged (they are left out)"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress and no remarks on stderr")


def run(arguments: argparse.Namespace) -> int:
    """Reads the capture twice, writes the redacted one, and tells on stderr what was taken out."""
    from iscsi_analyzer.redaction.redact import Account, redacted
    from iscsi_analyzer.redaction.what import What

    if not arguments.files or len(arguments.files) + len(arguments.more) < 2:
        raise Stop("two files are needed: iscsi-analyzer redact IN OUT")
    name = arguments.files.pop()
    every = arguments.all
    what = What(
        names=arguments.names or every,
        addresses=arguments.addresses or every,
        serials=arguments.serials or every,
        cut=arguments.cut,
        keep_undecoded=arguments.keep_undecoded,
    )
    arguments.no_verify_data = False  # digests that are bad must stay so
    account = Account()
    output = Output()
    with opened(arguments, random_access=True, judge=False) as analysis:
        target.check(name, analysis, binary=True)
        for _ in batches(analysis, arguments.quiet):
            pass
        output.code = conclude(analysis, arguments.quiet)
        target.write(name, redacted(analysis, what, account), output)
    if not arguments.quiet:
        for line in lines(account):
            print(f"iscsi-analyzer: {line}", file=sys.stderr)
    return output.code


def lines(account: Account) -> list[str]:
    """The account for people."""
    from iscsi_analyzer.export.tables import plural

    found = [f"{plural(account.zeroed, 'byte')} of data zeroed, {plural(account.values, 'value')} of keys replaced"]
    if account.overwritten:
        found.append(f"{plural(account.overwritten, 'byte')} overwritten that belong to no PDU")
    if account.left_out:
        kinds = ", ".join(f"{count} {what}" for what, count in account.left_out.items())
        found.append(f"{plural(sum(account.left_out.values()), 'frame')} left out: {kinds}")
    if account.blocks or account.options:
        found.append(f"{plural(account.blocks, 'block')} and {plural(account.options, 'option')} of pcapng left out")
    return found
