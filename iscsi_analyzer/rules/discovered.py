"""Rules on what a portal said of itself and what it then does: discovery, redirections and authentication against later
logins (RFC 7143 sections 9, 11.13.5 and 15).

Interpreted: sees login PDUs, and the answers of discovery.
"""

from __future__ import annotations

from typing import Final

from dissectors.iscsi.values import discovered_targets, parse_address
from iscsi_analyzer.analysis.addresses import joined, portal_of
from iscsi_analyzer.rules.desk import TARGET
from iscsi_analyzer.rules.history import Record, history_of, remember
from iscsi_analyzer.rules.naming import SHOWN
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.rules.saying import Saying

NOT_FOUND: Final = 0x0203
REDIRECTION: Final = 1
SYSTEM_PORT: Final = 860
"The port that only whoever was told so explicitly uses."
MAX_REDIRECTIONS: Final = 16
"Portals of a chain that are followed."

_OPENED: Final = "iscsi.pdu.status_class == 0 && iscsi.login.T == 1 && iscsi.login.nsg == 3"

RULES = (
    Rule(
        "name-target-not-found",
        NOTE,
        TARGET,
        "RFC 7143 section 11.13.5",
        "{target} is not found at {portal}, which a discovery had named for it",
        "the discovery and the login",
        occasion="iscsi.opcode == login_response",
    ),
    Rule(
        "login-redirect-loop",
        NOTE,
        TARGET,
        "RFC 7143 section 11.13.5",
        "{portal} sends the initiator to {address}, which leads back to {portal}",
        "the redirections of all portals concerned",
        occasion="iscsi.pdu.status_class == 1",
    ),
    Rule(
        "login-unauthenticated-ffp",
        NOTE,
        TARGET,
        "RFC 7143 sections 9 and 9.2",
        "A session with {target} is opened without authentication; another one had to authenticate",
        "the logins of both sessions",
        occasion=_OPENED,
    ),
    Rule(
        "tcp-port-860",
        NOTE,
        TARGET,
        "RFC 7143 section 15",
        "The target serves port 860, which it may only do if it was configured to",
        occasion=f"{_OPENED} && tcp.srcport == 860",
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    if say.to_target or not say.whole:
        return
    if say.status == NOT_FOUND:
        name_target_not_found(say)
    elif say.status >> 8 == REDIRECTION:
        login_redirect_loop(say)
    elif say.ends_login:
        _arrived(say)
        if portal_of(say.follower.connection).endswith(f":{SYSTEM_PORT}"):
            tcp_port_860(say)
        if say.talk.target_name and not say.talk.discovery and not say.joins:
            login_unauthenticated_ffp(say)


def see_text(say: Saying) -> None:
    """Takes note of the targets and portals in the answer of a discovery."""
    exchange = say.talk.exchange
    if say.to_target or exchange is None or exchange.question is None:
        return
    advertised, here = history_of(say.follower).advertised, portal_of(say.follower.connection)
    for target, addresses in discovered_targets((pair.key, pair.value) for pair in say.pairs):
        for address in addresses:
            if not address.problem:
                record = Record(say.number, address.tag)
                remember(advertised, (target, joined(address.host, address.port)), record)
        if not addresses:  # it is where it was asked for
            remember(advertised, (target, here), Record(say.number, None))


def _arrived(say: Saying) -> None:
    """The initiator has reached its target: what sent it here was no circle."""
    redirected = history_of(say.follower).redirected
    names = _names(say)
    for step in [step for step in redirected if step[:2] == names]:
        del redirected[step]


def _names(say: Saying) -> tuple[str, str]:
    return say.talk.offers.said("InitiatorName", True) or "", say.talk.target_name


def name_target_not_found(say: Saying) -> None:
    """A target is not where discovery said it was.

    ## What it means
    The answer to SendTargets named this target at this portal. A login to it there is refused with status 0x0203: there
    is no such target.

    ## Why it matters
    Discovery and logins are served from different data. The initiator will try for ever.

    ## Example
        talk.open(discovery=True)
        talk.discover()
        talk.close()
        login = talk.beside()
        login.handshake()
        login.login_request({"InitiatorName": talk.initiator_name, "TargetName": talk.target_name})
        login.login_response(status=0x0203)
        login.fin()

    ## When it is silent
    When the address in the answer was a host name, and when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 section 11.13.5
    """
    portal, target = portal_of(say.follower.connection), say.talk.target_name
    known = history_of(say.follower).advertised.get((target, portal))
    if known is not None:
        say.found("name-target-not-found", {"target": target[:SHOWN], "portal": portal}, known.pdu)


def login_redirect_loop(say: Saying) -> None:
    """Redirections lead round in a circle.

    ## What it means
    A portal sent the initiator elsewhere, and from there it was sent back, directly or over others.

    ## Why it matters
    The initiator never reaches the target; every round costs both sides connections.

    ## Example
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        for here, there in (("192.0.2.2", "192.0.2.3"), ("192.0.2.3", "192.0.2.2")):
            login = talk.beside(target=here)
            login.handshake()
            login.login_request(keys)
            login.login_response({"TargetAddress": f"{there}:3260"}, status=0x0101)
            login.fin()

    ## When it is silent
    When an address is a host name, once a login at one of the portals has succeeded, and when the capture lacks any
    byte of one of the connections.

    ## Reference
    RFC 7143 section 11.13.5
    """
    address = parse_address(say.values.get("TargetAddress", ""))
    if address.problem:
        return
    history, here = history_of(say.follower), portal_of(say.follower.connection)
    names = _names(say)
    there = joined(address.host, address.port)
    remember(history.redirected, (*names, here), (there, say.number))
    at, related = there, 0
    for _ in range(MAX_REDIRECTIONS):
        step = history.redirected.get((*names, at))
        if step is None:
            return
        at, related = step[0], step[1]
        if at == here:
            break
    if at == here and related != say.number:
        say.found("login-redirect-loop", {"portal": here, "address": there}, related)


def login_unauthenticated_ffp(say: Saying) -> None:
    """A target lets one session in without the authentication that it asks of others.

    ## What it means
    A session with this target was opened without authentication, although an earlier one, by this portal, had to
    authenticate.

    ## Why it matters
    Whoever skips the authentication gets in, if the target leaves the choice to the initiator.

    ## Example
        chap = {"CHAP_A": "5", "CHAP_I": "1", "CHAP_C": "0x" + "ab" * 16}
        keys = {"InitiatorName": talk.initiator_name, "TargetName": talk.target_name}
        talk.handshake()
        talk.login_request({**keys, "AuthMethod": "CHAP"}, csg=0, nsg=1, transit=False)
        talk.login_response({"TargetPortalGroupTag": "1", "AuthMethod": "CHAP"})
        talk.login_request({"CHAP_A": "5"}, csg=0, nsg=1, transit=False)
        talk.login_response(chap)
        talk.login_request({"CHAP_N": "alice", "CHAP_R": "0x" + "cd" * 16}, csg=0, nsg=3)
        talk.login_response()
        other = talk.beside()
        other.open()

    ## When it is silent
    When no session with the target authenticated before, as nobody knows what it would have asked; for discovery
    sessions, for connections that are added to a session, and when the capture lacks any byte of one of the
    connections.

    ## Reference
    RFC 7143 sections 9 and 9.2
    """
    talk, history = say.talk, history_of(say.follower)
    method = talk.method or talk.offers.result("AuthMethod") or ""
    place = (talk.target_name, portal_of(say.follower.connection))
    known = history.authenticated.get(place)
    if method not in ("", "None"):
        remember(history.authenticated, place, say.number)
    elif known is not None:
        say.found("login-unauthenticated-ffp", {"target": talk.target_name[:SHOWN]}, known)


def tcp_port_860(say: Saying) -> None:
    """A target is reached at port 860.

    ## What it means
    Port 860 is reserved for iSCSI as a system port. It is used only where somebody has said so explicitly; the usual
    port is 3260.

    ## Why it matters
    Programs need more rights than usual to serve it, and initiators that were told nothing look for the target at 3260.

    ## Example
        talk = Talk(target_port=860)
        talk.open()

    ## When it is silent
    Until a login succeeds there.

    ## Reference
    RFC 7143 section 15
    """
    say.found("tcp-port-860", {})
