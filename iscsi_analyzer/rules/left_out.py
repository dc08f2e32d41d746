"""The requirements that are not judged, and why: nobody who only watches could do so fairly, or would learn from it.

Plain data, for the catalogue's page. In the order of the names.
"""

from __future__ import annotations

from typing import Final

LEFT_OUT: Final[dict[str, str]] = {
    "bidi-shared-sn": "RFC 7143 contradicts itself: section 4.2.2.4 lets the Data-Ins and the R2Ts of a bidirectional "
    "command share one sequence of numbers, the example in appendix A.3.3 numbers them apart.",
    "datasn-overflow": "It takes more than four billion PDUs of one command to break it.",
    "format-error-not-escalated": "Receivers need not check everything (RFC 7143 section 7.10): one that goes on after "
    "a wrong header may have missed it by right. The wrong header itself has rules.",
}
"Name -> why it is not judged, in a sentence or two for users."
