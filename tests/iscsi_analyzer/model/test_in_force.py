"""Laws of the values in force: only what was settled in sight is held against anybody."""

from __future__ import annotations

from iscsi_analyzer.model.in_force import fill, forget_session, widen
from iscsi_analyzer.model.limits import UNKNOWN, Limits
from iscsi_analyzer.model.login import Login


def spoken(*exchange: tuple[int, str], lost: bool = False) -> Login:
    """A login of one request and one response per pair of texts; opcode 3 is the initiator's, 0x23 the target's."""
    login = Login()
    for number, (opcode, text) in enumerate(exchange, 1):
        data = text.replace(" ", "\0").encode() + b"\0"
        header = bytearray(48)
        header[0], header[1] = opcode, 0x87
        header[5:8] = len(data).to_bytes(3, "big")
        login.pdu(number, bytes(header), data, lost)
    return login


def limits_of(login: Login, leading: Login | None = None) -> Limits:
    limits = Limits()
    fill(limits, login, 2, leading)
    return limits


def test_answers_settle_what_was_offered() -> None:
    limits = limits_of(
        spoken(
            (0x03, "InitialR2T=No ImmediateData=Yes MaxBurstLength=262144 MaxRecvDataSegmentLength=65536"),
            (0x23, "InitialR2T=Yes ImmediateData=Yes MaxBurstLength=16384 MaxRecvDataSegmentLength=1024"),
        )
    )
    assert (limits.initial_r2t, limits.immediate_data, limits.max_burst) == (1, 1, 16384)
    assert (limits.initiator_max_recv, limits.target_max_recv) == (65536, 1024)


def test_defaults_hold_only_when_nothing_of_the_login_is_missing() -> None:
    keys = ((0x03, "InitiatorName=iqn.a"), (0x23, "TargetPortalGroupTag=1"))
    assert limits_of(spoken(*keys)).first_burst == 65536
    assert limits_of(spoken(*keys, lost=True)).first_burst == UNKNOWN


def test_an_answer_outside_of_the_offer_binds_nobody() -> None:
    limits = limits_of(spoken((0x03, "MaxBurstLength=4096"), (0x23, "MaxBurstLength=8192")))
    assert limits.max_burst == UNKNOWN


def test_keys_that_are_stated_again_are_as_they_were_settled() -> None:
    first = ((0x03, "MaxBurstLength=65536 InitialR2T=No"), (0x23, "MaxBurstLength=16384 InitialR2T=Yes"))
    same, other = Limits(), Limits()
    fill(same, spoken(*first, (0x03, "MaxBurstLength=16384 InitialR2T=No"), (0x23, "TargetAlias=a")), 4, None)
    assert (same.max_burst, same.initial_r2t) == (16384, 1)
    fill(other, spoken(*first, (0x03, "MaxBurstLength=4096"), (0x23, "TargetAlias=a")), 4, None)
    assert (other.max_burst, other.initial_r2t) == (UNKNOWN, 1)


def test_an_offer_without_an_answer_binds_nobody() -> None:
    limits = limits_of(spoken((0x03, "MaxBurstLength=4096"), (0x23, "")))
    assert limits.max_burst == UNKNOWN


def test_an_offer_without_an_answer_that_asks_for_what_holds_changes_nothing() -> None:
    """Whether or not the repetition counts, the value is the same."""
    first = (0x03, "MaxBurstLength=16384 FirstBurstLength=8192")
    login = spoken(first, (0x23, "MaxBurstLength=16384 FirstBurstLength=4096"), first, (0x23, ""))
    assert (limits_of(login).max_burst, limits_of(login).first_burst) == (16384, UNKNOWN)


def test_a_joined_connection_is_bound_by_the_leading_login() -> None:
    leading = spoken((0x03, "InitialR2T=No"), (0x23, "InitialR2T=No"))
    joined = spoken((0x03, "InitialR2T=Yes"), (0x23, "InitialR2T=NotUnderstood"))
    assert limits_of(joined, leading).initial_r2t == 0


def test_a_later_declaration_allows_the_old_and_the_new_length() -> None:
    login = spoken((0x03, "MaxRecvDataSegmentLength=65536"), (0x23, "MaxRecvDataSegmentLength=8192"))
    limits = limits_of(login)
    data = b"MaxRecvDataSegmentLength=4096\0"
    header = bytes([0x04, 0x80, 0, 0, 0]) + len(data).to_bytes(3, "big") + bytes(40)
    login.pdu(3, header, data, False)
    widen(limits, login, 2)
    assert limits.initiator_max_recv == 65536
    assert limits.target_max_recv == 8192


def test_a_session_whose_first_login_was_not_seen_binds_nobody() -> None:
    """What each side declares for the connection itself is known all the same."""
    joined = spoken((0x03, "MaxRecvDataSegmentLength=65536"), (0x23, "MaxRecvDataSegmentLength=8192"))
    limits = limits_of(joined)
    assert limits.max_connections == 1
    forget_session(limits)
    assert limits.initiator_max_recv == 65536
    known = {name for name, value in vars_of(limits).items() if value != UNKNOWN}
    assert known == {"initiator_max_recv", "target_max_recv"}


def vars_of(limits: Limits) -> dict[str, int]:
    """The limits by name, also of the compiled class."""
    return {name: getattr(limits, name) for name in dir(limits) if isinstance(getattr(limits, name), int)}
