"""Rules on who comes to a target under which names: hosts, ISIDs and TSIHs, how names are written (RFC 7143 sections
4.2.7, 4.4.3, 7.4.2, 10.1.1 and 11.13.3).

Interpreted: sees login PDUs, and the names in the answers of discovery.
"""

from __future__ import annotations

from typing import Final

from iscsi_analyzer.rules.desk import INITIATOR, TARGET
from iscsi_analyzer.rules.history import Isids, Visit, history_of, remember, shown, visit_of
from iscsi_analyzer.rules.naming import SHOWN, spelled
from iscsi_analyzer.rules.rule import NOTE, Rule
from iscsi_analyzer.rules.saying import Saying

MANY: Final = 5
"So many sessions, one after the other and each with an ISID of its own, are no accident."
MAX_ISIDS: Final = 64
"ISIDs of an initiator that are remembered for one portal group."

_LOGINS: Final = "the logins, and an unbroken view of both connections"
_OPENS: Final = "iscsi.opcode == login_request && iscsi.tsih == 0"
_OPENED: Final = "iscsi.pdu.status_class == 0 && iscsi.login.T == 1 && iscsi.login.nsg == 3"

RULES = (
    Rule(
        "login-tsih-shared",
        NOTE,
        TARGET,
        "RFC 7143 sections 11.13.3 and 4.4.3",
        "TSIH {tsih} is given to ISID {isid} while the session of ISID {other} has it",
        _LOGINS,
        occasion=_OPENED,
    ),
    Rule(
        "isid-unstable",
        NOTE,
        INITIATOR,
        "RFC 7143 sections 10.1.1 and 11.12.5",
        "The initiator has come to {target} {sessions} times in a row, each time with another ISID",
        "the logins of all of these sessions",
        occasion=_OPENS,
    ),
    Rule(
        "name-shared-by-two-hosts",
        NOTE,
        INITIATOR,
        "RFC 7143 section 4.2.7.1",
        "{name} comes from {host} and from {other}, which take the session from each other",
        "three logins, and an unbroken view of their connections",
        occasion=_OPENS,
    ),
    Rule(
        "discovery-duplicate",
        NOTE,
        INITIATOR,
        "RFC 7143 section 7.4.2",
        "The initiator has another discovery session with this portal at the same time, on connection {connection}",
        _LOGINS,
        occasion=f"{_OPENS} && iscsi.session.discovery",
    ),
    Rule(
        "name-compare-inconsistent",
        NOTE,
        "either",
        "RFC 7143 section 4.2.7.2",
        "{key}={name} was written {before} before",
        "the whole texts",
        occasion='iscsi.keyvalue matches "^(InitiatorName|TargetName)="',
    ),
)


def see(say: Saying) -> None:
    """Runs the rules of this topic on one login PDU."""
    see_names(say)
    if say.to_target and "InitiatorName" in say.values:
        remember(history_of(say.follower).arrivals, say.values["InitiatorName"], say.look.ts)
    if say.whole and say.ends_login and not say.joins:
        visit = visit_of(say)
        if visit.initiator:
            _opened(say, visit)


def see_names(say: Saying) -> None:
    """Runs the rules of this topic on the names in a text."""
    history = history_of(say.follower)
    for key, name in spelled(say):
        known = history.spelled.get((key, name.lower()))
        if known is None:
            remember(history.spelled, (key, name.lower()), (name, say.number))
        elif known[0] != name:
            name_compare_inconsistent(say, key, name, known)


def _opened(say: Saying, visit: Visit) -> None:
    history = history_of(say.follower)
    if visit.discovery:
        place: tuple[object, ...] = (visit.initiator, visit.portal)
        before = history.discoveries.get(place)
        if before is not None:
            discovery_duplicate(say, visit, before)
        remember(history.discoveries, place, visit)
        return
    if visit.group < 0:
        return
    place = (visit.initiator, visit.target, visit.group)
    handle = (*place, visit.tsih)
    before = history.handles.get(handle)
    if before is not None:
        login_tsih_shared(say, visit, before)
    remember(history.handles, handle, visit)
    port = (*place, visit.isid)
    before = history.hosts.get(port)
    if before is not None and before.host != visit.host:
        name_shared_by_two_hosts(say, visit, before)
    remember(history.hosts, port, visit)
    isids = history.isids.setdefault(place, Isids())
    isid_unstable(say, visit, isids)
    remember(history.isids, place, isids)


def login_tsih_shared(say: Saying, visit: Visit, before: Visit) -> None:
    """A target gives two sessions of one initiator the same handle.

    ## What it means
    The TSIH names a session of an initiator at a target. Two sessions of the same initiator with the same portal group,
    which differ in their ISIDs, have the same one.

    ## Why it matters
    Targets and tools that look a session up by its TSIH find the wrong one, when a connection is added or recovered.

    ## Example
        talk.open()
        other = talk.beside(session=type(talk.session)(tsih=talk.session.tsih, isid=bytes.fromhex("400001370001")))
        other.open()

    ## When it is silent
    When one of the sessions is over or silent, and when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 sections 11.13.3 and 4.4.3
    """
    if before.isid != visit.isid and visit.tsih and before.in_use(say.follower.connection.first_ts):
        facts: dict[str, object] = {"tsih": visit.tsih, "isid": visit.isid.hex(), "other": before.isid.hex()}
        say.found("login-tsih-shared", facts, before.answer)


def isid_unstable(say: Saying, visit: Visit, isids: Isids) -> None:
    """An initiator takes a new ISID whenever it comes back.

    ## What it means
    An initiator port is its name and its ISID. Initiators should come back as the same port to the same portal group,
    and so with the same ISID. This one had another one five times in a row, which is told once.

    ## Why it matters
    Targets keep reservations and unit attentions by initiator port. For them a stranger comes each time, and what the
    old one had reserved stays reserved.

    ## Example
        talk.open()
        talk.close()
        for _ in range(4):
            again = talk.beside()
            again.open()
            again.close()

    ## When it is silent
    While sessions exist side by side, as each then needs an ISID of its own; in discovery sessions, and when the
    capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 sections 10.1.1 and 11.12.5
    """
    latest = isids.latest
    isids.latest = visit
    if visit.isid in isids.seen or (latest is not None and not latest.follower.connection.closed):
        isids.seen.clear()
    if len(isids.seen) < MAX_ISIDS:
        isids.seen.add(visit.isid)
    if latest is not None and len(isids.seen) == MANY:
        facts: dict[str, object] = {"target": visit.target[:SHOWN], "sessions": len(isids.seen)}
        say.found("isid-unstable", facts, latest.request, INITIATOR)


def name_shared_by_two_hosts(say: Saying, visit: Visit, before: Visit) -> None:
    """Two hosts use the same initiator name and ISID.

    ## What it means
    Names belong to one node in the whole world. Here one host logs in with the names of a session that another host was
    using, and then the first host takes it back.

    ## Why it matters
    Each login ends the session of the other host: both lose their disks again and again. Often a machine was copied
    together with its initiator name.

    ## Example
        talk.open()
        copy = talk.beside(session=type(talk.session)(isid=talk.session.isid, tsih=2), initiator="192.0.2.9")
        copy.open()
        back = talk.beside(session=type(talk.session)(isid=talk.session.isid, tsih=3))
        back.open()

    ## When it is silent
    When a session only moves to another address, as it does when a path fails; when the old session was over or silent
    for a second, and when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 section 4.2.7.1
    """
    if before.header == visit.header or not before.in_use(say.follower.connection.first_ts):
        return
    visit.came_from = before.host
    if before.came_from == visit.host:
        facts: dict[str, object] = {
            "name": visit.initiator[:SHOWN],
            "host": shown(visit.host),
            "other": shown(before.host),
        }
        say.found("name-shared-by-two-hosts", facts, before.answer, INITIATOR)


def discovery_duplicate(say: Saying, visit: Visit, before: Visit) -> None:
    """An initiator has two discovery sessions with one portal.

    ## What it means
    One discovery session tells all that there is to tell. The initiator opens a second one with the same portal while
    the first is in use.

    ## Why it matters
    Each costs a session of the target. Two programs may be looking for targets without knowing of each other.

    ## Example
        talk.open(discovery=True)
        talk.discover()
        talk.beside().open(discovery=True)

    ## When it is silent
    With the same ISID, as the second session then replaces the first; when the first one was over or silent for a
    second, and when the capture lacks any byte of one of the connections.

    ## Reference
    RFC 7143 section 7.4.2
    """
    if before.isid != visit.isid and before.in_use(say.follower.connection.first_ts):
        facts: dict[str, object] = {"connection": before.follower.number}
        say.found("discovery-duplicate", facts, before.answer, INITIATOR)


def name_compare_inconsistent(say: Saying, key: str, name: str, known: tuple[str, int]) -> None:
    """A name is written in two ways.

    ## What it means
    Names are compared byte for byte. This one differs from an earlier one only in upper-case and lower-case letters.

    ## Why it matters
    It looks like the same name to people, and is another one to every access list.

    ## Example
        talk.handshake()
        talk.login_request({"InitiatorName": "eui.02004567a425678d", "TargetName": talk.target_name})
        other = talk.beside()
        other.handshake()
        other.login_request({"InitiatorName": "eui.02004567A425678D", "TargetName": talk.target_name})

    ## When it is silent
    For texts that were cut by the capture.

    ## Reference
    RFC 7143 section 4.2.7.2
    """
    facts: dict[str, object] = {"key": key, "name": name[:SHOWN], "before": known[0][:SHOWN]}
    say.found("name-compare-inconsistent", facts, known[1])
