"""The requirements that are not judged, and why: nobody who only watches could do so fairly, or would learn from it.

Plain data, for the catalogue's page. In the order of the names.
"""

from __future__ import annotations

from typing import Final

LEFT_OUT: Final[dict[str, str]] = {
    "bidi-shared-sn": "RFC 7143 contradicts itself: section 4.2.2.4 lets the Data-Ins and the R2Ts of a bidirectional "
    "command share one sequence of numbers, the example in appendix A.3.3 numbers them apart.",
    "capture-one-direction": "Nobody on the wire has done anything: the capture is so. Reports, lists of connections "
    "and the filter fields say what it lacks, and the rules that need both directions are silent.",
    "chap-response-wrong": "Secrets are not handed to the analyzer, so no response can be computed. The status of "
    "the target tells whether it was right.",
    "chap-secret-shared-both-ways": "Secrets are not handed to the analyzer, so nobody can tell whether two responses "
    "were made with the same one.",
    "cmdsn-retry-horizon": "It takes more than two billion commands of one session to break it.",
    "datasn-overflow": "It takes more than four billion PDUs of one command to break it.",
    "discovery-response-illegal": "What a target must not send in a discovery session has rules of its own: "
    "discovery-request-accepted, nop-in-discovery and async-in-discovery.",
    "format-error-not-escalated": "Receivers need not check everything (RFC 7143 section 7.10): one that goes on "
    "after a wrong header may have missed it by right. The wrong header itself has rules.",
    "key-effective-too-early": "After the login only MaxRecvDataSegmentLength can change. It tells what its sender can "
    "take, and from when on the other side may make use of that is not visible.",
    "key-irrelevant-in-discovery": "Nearly every initiator offers the same keys in discovery as elsewhere, and every "
    "target answers them; nothing follows from it.",
    "key-partial-result-used": "After the login only MaxRecvDataSegmentLength can change. Who has declared a larger "
    "one can take it, whatever became of the exchange.",
    "login-exchange-limit": "Why somebody gives a login up is not on the wire: after three exchanges there may be as "
    "good a reason as after six.",
    "login-first-expstatsn-nonzero": "The field is reserved there, and nearly every initiator in the field sends 1 or "
    "a number of another connection; no target looks at it.",
    "login-redirect-not-followed": "The portal that a redirection names is often reached by another network, so that "
    "a capture cannot tell an initiator that did not try it from one that did.",
    "login-reject-stage-bits": "The bits mean nothing in a refusal, targets repeat those of the request, and "
    "initiators look at the status first.",
    "name-initiator-target-differ": "One address may stand for many nodes, each with a name of its own: that an "
    "address uses two names proves nothing.",
    "reject-in-discovery": "Section 4.3 of RFC 7143 wants illegal requests of a discovery session to be rejected, "
    "section 7.4.3 advises targets against it: who rejects does no wrong. The request has rules.",
    "session-unknown-connection": "Nobody on the wire has done anything: the capture began later. Reports, lists and "
    "the filter field iscsi.session.assumed tell it, and the rules that need the login are silent.",
    "vendor-traffic": "Vendors may do so. The PDUs, keys and codes are shown as what they are, and rules that they "
    "could mislead are silent.",
}
"Name -> why it is not judged, in a sentence or two for users."
