"""Shows login and text PDUs, and what else comes while a login is under way, to the topics that judge what is said;
keeps the memory that they share.

Interpreted: bulk traffic does not come here.
"""

from __future__ import annotations

from dissectors.iscsi.values import parse_list
from iscsi_analyzer.model.following import Follower
from iscsi_analyzer.model.watch import Look
from iscsi_analyzer.rules import (
    auth,
    auth_methods,
    chap,
    chap_habits,
    chap_steps,
    digest_offers,
    digest_place,
    discovered,
    initiator_ports,
    iser,
    keys_answers,
    keys_forms,
    keys_level,
    keys_names,
    keys_place,
    keys_refused,
    keys_results,
    keys_special,
    keys_syntax,
    keys_values,
    login_faults,
    login_fields,
    login_joins,
    login_names,
    login_numbers,
    login_order,
    login_progress,
    login_refused,
    login_reserved,
    login_session,
    login_stages,
    login_stray,
    name_letters,
    naming,
    nexus,
    send_targets,
    send_targets_records,
    sessions,
    srp,
    text,
    text_turns,
)
from iscsi_analyzer.rules.conversation import Conversation, Exchange
from iscsi_analyzer.rules.desk import Desk
from iscsi_analyzer.rules.notes import ConnectionNotes, of_connection
from iscsi_analyzer.rules.offers import Offers
from iscsi_analyzer.rules.saying import OPERATIONAL, RESERVED, Saying

LOGIN_REQUEST, LOGIN_RESPONSE, TEXT_REQUEST, TEXT_RESPONSE, REJECT = 0x03, 0x23, 0x04, 0x24, 0x3F
TAKES_CMD_SN = (0x00, 0x01, 0x02, 0x04, 0x06)
"Requests that use a CmdSN up unless they are immediate."


def see(follower: Follower, look: Look, desk: Desk) -> None:
    """One PDU: every login, text and Reject PDU, and any other while the connection is watched."""
    notes = of_connection(follower)
    talk = _conversation(notes)
    if look.odd or not look.whole:
        talk.muddled = True
        notes.watched = False
        return
    say = Saying(talk, follower, look, desk)
    if not say.whole:
        talk.muddled = True  # also if late frames fill the hole: the order was not that of the wire
    opcode = look.opcode
    if opcode in (LOGIN_REQUEST, LOGIN_RESPONSE):
        digest_place.login(follower, look)
        _login(say)
    elif opcode in (TEXT_REQUEST, TEXT_RESPONSE):
        _text(say)
    else:
        if opcode == REJECT:
            _rejected(say)
        _other(say)
    over = talk.full_feature and talk.first_command and not talk.discovery
    notes.watched = not over and not talk.muddled


def closed(follower: Follower, desk: Desk) -> None:
    """Nothing more will be seen of the connection."""
    talk = _conversation(of_connection(follower))
    login_refused.closed(talk, follower, desk)
    login_progress.closed(talk, follower, desk)
    login_stray.closed(talk, follower, desk)
    text_turns.closed(talk, follower, desk)


def _conversation(notes: ConnectionNotes) -> Conversation:
    talk = notes.talk
    if talk is None:
        talk = Conversation()
        notes.talk = talk
    assert isinstance(talk, Conversation)
    return talk


# --- login ---


def _login(say: Saying) -> None:
    talk = say.talk
    if say.to_target and not talk.first:
        say.join()
    login_order.see(say)
    login_refused.see(say)
    if talk.full_feature or talk.rejected or (not say.to_target and talk.requests == 0):
        talk.early = talk.early or say.number
        return
    if say.whole:
        say.listen(talk.text(say.to_target, say.look.data, say.look.data_length, say.more))
        say.moves = talk.offers.read(say.pairs, say.to_target, say.number)
    if say.status >> 8 == 1:
        login_refused.see_redirection(say)
    for topic in (login_fields, login_reserved, login_stages, login_session, login_numbers, login_names):
        topic.see(say)
    for topic in (
        naming,
        name_letters,
        keys_syntax,
        keys_place,
        keys_values,
        keys_answers,
        keys_results,
        auth,
        chap,
        chap_steps,
        digest_offers,
    ):
        topic.see(say)
    login_progress.see(say)
    login_stray.see(say)
    for beyond in (discovered, initiator_ports, login_joins, nexus):
        beyond.see(say)
    login_progress.note(say)
    for topic in (keys_forms, keys_names, keys_special, keys_level, keys_refused, iser, auth_methods, chap_habits, srp):
        topic.see(say)
    login_faults.see(say)
    if say.to_target:
        _note_request(say)
    else:
        _note_response(say)


def _note_request(say: Saying) -> None:
    talk = say.talk
    talk.requests += 1
    talk.outstanding += 1
    if not talk.first:
        talk.first, talk.first_pdu = say.header, say.number
    talk.request, talk.request_pdu = say.header, say.number
    talk.agreed = say.csg
    if say.csg == OPERATIONAL and not talk.operational:
        talk.operational = say.number
    if not say.header[0] & 0x40:
        talk.immediate = False
    if say.text is not None:
        if talk.texts[True] == 0:
            talk.name_missing = login_names.missing_name(say)
            talk.target_name = say.values.get("TargetName", "")
        talk.texts[True] += 1
        talk.last_text[True] = say.number
        talk.discovery = say.discovery
    _note_methods(say)


def _note_response(say: Saying) -> None:
    talk = say.talk
    talk.outstanding = max(0, talk.outstanding - 1)
    if say.refuses:
        talk.status, talk.rejected, talk.rejected_ts = say.status, say.number, say.look.ts
        to_target = say.follower.connection.to_target
        talk.rejected_end = 0 if to_target is None else to_target.peer.next_seq
        talk.forget_negotiation()
        return
    talk.response, talk.response_pdu = say.header, say.number
    if not talk.versions:
        talk.versions, talk.versions_pdu = say.header[2:4], say.number
    talk.agreed = say.nsg if say.accepts else say.csg
    if say.text is not None:
        talk.texts[False] += 1
        talk.last_text[False] = say.number
        group = say.values.get("TargetPortalGroupTag")
        if talk.portal_group is None:
            talk.portal_group = group
        if talk.portal_group is None and talk.texts[True] and not talk.portal_due:
            talk.portal_due = say.number
    _note_methods(say)
    if say.accepts:
        talk.offers.open.clear()
    if say.ends_login:
        talk.full_feature = say.number
        talk.forget_negotiation()


def _note_methods(say: Saying) -> None:
    """Authentication: what was offered, what was chosen, and the steps that were taken."""
    talk = say.talk
    offered = say.values.get("AuthMethod")
    if offered is not None and not talk.methods:
        talk.methods = [item.strip() for item in parse_list(offered)]
    if not talk.method:
        talk.method = talk.offers.result("AuthMethod") or ""
    chap_steps.note(say)


# --- text ---


def _text(say: Saying) -> None:
    talk = say.talk
    begins = say.to_target and say.word(20) == RESERVED
    exchange = talk.exchange
    offers = Offers()
    known = begins or text.intact(say)
    if begins or not known:
        talk.forget_text()
    if exchange is not None and not begins:
        offers = exchange.offers
        if not known:
            exchange.losses = -1
    if known:
        say.listen(talk.text(say.to_target, say.look.data, say.look.data_length, say.more))
        say.moves = offers.read(say.pairs, say.to_target, say.number)
    _first_command(say)
    if not talk.full_feature:
        login_order.see_other(say)
        login_refused.see_other(say)
    _stray(say)
    text.see(say)
    if known:
        text_turns.see(say)
    send_targets.see(say)
    send_targets_records.see(say)
    for topic in (naming, name_letters, keys_syntax, keys_place, keys_values, keys_results, auth):
        topic.see(say)
    for topic in (keys_forms, keys_names, keys_special, keys_level):
        topic.see(say)
    sessions.see_text(say)
    discovered.see_text(say)
    initiator_ports.see_names(say)
    login_faults.see_other(say)
    iser.see_other(say)
    if say.to_target:
        _note_text_request(say, begins, offers)
    elif exchange is not None:
        exchange.waiting = False
        exchange.response, exchange.response_pdu, exchange.ts = say.header, say.number, int(say.look.ts)
        if say.final:
            talk.exchange = None


def _note_text_request(say: Saying, begins: bool, offers: Offers) -> None:
    exchange = say.talk.exchange
    if begins or exchange is None:
        # Of an exchange whose beginning was not seen nothing is concluded.
        exchange = Exchange(say.header, say.number, say.follower.losses if begins else -1, offers=offers)
        say.talk.exchange = exchange
    exchange.request, exchange.request_pdu, exchange.waiting = say.header, say.number, True
    exchange.ts, exchange.repeated, say.talk.text_rejected = int(say.look.ts), "key-duplicate" in say.broken, 0
    if exchange.question is None:
        exchange.question = say.values.get("SendTargets")


def _rejected(say: Saying) -> None:
    """A Reject may be the answer to the Text Request that is under way."""
    exchange, data = say.talk.exchange, say.look.data
    if exchange is not None and (len(data) < 48 or data[0] & 0x3F == TEXT_REQUEST):
        say.talk.exchange = None
        say.talk.text_rejected = say.number if exchange.repeated else 0


# --- everything else, until the login is over ---


def _stray(say: Saying) -> None:
    """A PDU that is no login PDU: in the login, or the first after it."""
    if say.to_target:
        login_progress.see_request(say)
    login_stray.see(say)
    login_stray.note(say)


def _other(say: Saying) -> None:
    talk = say.talk
    login_order.see_other(say)
    login_refused.see_other(say)
    _stray(say)
    sessions.see_other(say)
    login_faults.see_other(say)
    iser.see_other(say)
    _first_command(say)
    if not talk.requests:
        if not say.to_target:
            talk.early = talk.early or say.number
        else:
            talk.not_login = talk.not_login or say.number


def _first_command(say: Saying) -> None:
    talk = say.talk
    if talk.full_feature and not talk.first_command and say.opcode in TAKES_CMD_SN and not say.look.immediate:
        talk.first_command = say.number
        login_numbers.see_first_command(say)
