"""Redaction as a whole: an analysed capture becomes one that can leave the building, and an account of what was taken
out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iscsi_analyzer.export.pcapng_copy import rewritten
from iscsi_analyzer.redaction.addresses import Addresses
from iscsi_analyzer.redaction.fragments import Fragments
from iscsi_analyzer.redaction.frames import Redactor
from iscsi_analyzer.redaction.headers import Headers
from iscsi_analyzer.redaction.places import Places
from iscsi_analyzer.redaction.plans import Plans
from iscsi_analyzer.redaction.pseudonyms import Pseudonyms
from iscsi_analyzer.redaction.texts import Texts
from iscsi_analyzer.redaction.what import What
from iscsi_analyzer.sources.problems import SourceError

if TYPE_CHECKING:
    from iscsi_analyzer.run import Analysis

COMMENT = "Redacted by iscsi-analyzer: user data and login secrets were replaced."


@dataclass(slots=True)
class Account:
    """What was taken out, known in full when the last piece was made."""

    zeroed: int = 0
    "Bytes of user data."
    values: int = 0
    "Values of text keys."
    overwritten: int = 0
    "Bytes of iSCSI connections that belong to no PDU."
    left_out: dict[str, int] = field(default_factory=dict)
    "Frames that were left out, by what they were."
    blocks: int = 0
    "pcapng blocks that were left out."
    options: int = 0
    "Their options: comments and more."


def redacted(analysis: Analysis, what: What, account: Account) -> Iterator[bytes]:
    """The capture of a finished analysis without what is private, as pcapng, about a megabyte at a time.

    `account` is filled in. The analysis needs `random_access`. Raises SourceError, at the
    end, if the capture cannot be read again: what was made must not be used then, as it may show what is private.
    """
    store = analysis.store
    pseudonyms = Pseudonyms()
    addresses = Addresses(pseudonyms)
    texts = Texts(what, pseudonyms, addresses)
    plans = Plans(store, what, pseudonyms, texts)
    headers = Headers(addresses if what.addresses else None)
    redactor = Redactor(store, Places(store), plans, headers, Fragments(analysis), what)
    yield from rewritten(analysis, redactor, COMMENT)
    for problem in analysis.capture.refused:  # what could not be looked at was left as it is
        raise SourceError(problem)
    account.zeroed, account.overwritten, account.values = redactor.zeroed, redactor.overwritten, texts.values
    account.left_out = dict(redactor.left_out.most_common())
    account.blocks, account.options = redactor.dropped_blocks + redactor.lost_blocks, redactor.dropped_options
