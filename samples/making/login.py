"""Discovery and login: what is agreed, and who is turned away."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from samples.making.stage import Scenario, Stage, with_initiator, with_tgt
from tests.support import talk_pdu as wire
from tests.support.initiator import Initiator
from tests.support.peers import IQN, MEGABYTE, Target
from tests.support.programs import run

LISTING = ("tgtd", "tgtadm", "iscsi-ls")
OURS = ("tgtd", "tgtadm")

EVERY_KEY = {
    "HeaderDigest": "CRC32C,None",
    "DataDigest": "None",
    "MaxConnections": "8",
    "InitialR2T": "No",
    "ImmediateData": "Yes",
    "MaxRecvDataSegmentLength": "65536",
    "MaxBurstLength": "16776192",
    "FirstBurstLength": "65536",
    "DefaultTime2Wait": "0",
    "DefaultTime2Retain": "0",
    "MaxOutstandingR2T": "16",
    "DataPDUInOrder": "Yes",
    "DataSequenceInOrder": "Yes",
    "ErrorRecoveryLevel": "2",
    "IFMarker": "No",
    "OFMarker": "No",
    "TaskReporting": "RFC3720",
    "iSCSIProtocolLevel": "2",
    "X-example.samples.note": "hello",
}
"Legal offers for everything negotiable, a key of RFC 7144 and a private one."


def discovery(stage: Stage) -> None:
    with stage.tgt() as target:
        for number in (1, 2, 3):
            target.serve(MEGABYTE, iqn=f"{IQN}{number}")
        with stage.capture(target):
            run("iscsi-ls", "-s", target.url(None))


def discovery_on(*, address: str = "127.0.0.1", port: int = 0) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        with stage.tgt(address=address, port=port) as target:
            target.serve()
            with stage.capture(target):
                run("iscsi-ls", "-s", target.url(None))

    return act


def vital_product_data(target: Target) -> None:
    run("iscsi-inq", target.url())
    for page in ("0x00", "0x80", "0x83", "0xb0", "0xb1", "0xb2"):
        run("iscsi-inq", "-e", "1", "-c", page, target.url())


def chap(*, password: str = "open-sesame-12", target_password: str = "") -> Callable[[Stage], None]:
    """CHAP as alice; mutual when the initiator expects `target_password` of bob, the target."""

    def act(stage: Stage) -> None:
        with stage.tgt() as target:
            target.serve()
            target.account("alice", "open-sesame-12")
            if target_password:
                target.account("bob", "target-secret-34", outgoing=True)
            url = target.url(user=f"alice%{password}")
            if target_password:
                url += f"?target_user=bob&target_password={target_password}"
            with stage.capture(target):
                run("iscsi-inq", url, ok=())

    return act


def inquiry(*, iqn: str = IQN, lun: int = 1) -> Callable[[Target], object]:
    """An INQUIRY that may fail, which is then the point."""
    return lambda target: run("iscsi-inq", target.url(lun, iqn=iqn), ok=())


def denied(stage: Stage) -> None:
    with stage.tgt() as target:
        target.serve(allow={"initiator_name": "iqn.2026-11.example.samples:somebody-else"})
        with stage.capture(target):
            run("iscsi-inq", target.url(), ok=())


def send_targets_again(initiator: Initiator) -> None:
    fields: dict[str, int | bytes] = {"target_transfer_tag": wire.NONE}
    initiator.send(initiator.pdu(wire.TEXT_REQUEST, data=wire.keys({"SendTargets": ""}), fields=fields))
    with contextlib.suppress(ConnectionError):
        initiator.receive()
        initiator.logout()


SCENARIOS = (
    Scenario(
        "m01_discovery_three_targets",
        "SendTargets names three targets; each then gets a session with REPORT LUNS and INQUIRY",
        discovery,
        LISTING,
    ),
    Scenario("m02_discovery_ipv6", "the same with one target over ::1", discovery_on(address="::1"), LISTING),
    Scenario(
        "m03_discovery_unusual_port",
        "the target listens on port 13260 and says so in its TargetAddress",
        discovery_on(port=13260),
        LISTING,
    ),
    Scenario(
        "m04_inquiry_vpd",
        "seven sessions: standard INQUIRY, then the VPD pages 00h 80h 83h B0h B1h B2h",
        with_tgt(vital_product_data),
    ),
    Scenario("m05_chap", "one-way CHAP", chap()),
    Scenario("m06_chap_mutual", "mutual CHAP", chap(target_password="target-secret-34")),
    Scenario("m07_chap_wrong_password", "a CHAP response that does not match: 0x0201", chap(password="not-the-secret")),
    Scenario(
        "m08_chap_target_not_believed",
        "mutual CHAP where the initiator does not believe the target: it leaves without a word on the wire",
        chap(target_password="some-other-secret"),
    ),
    Scenario(
        "m09_target_not_found",
        "a target name that nobody has: 0x0203",
        with_tgt(inquiry(iqn="iqn.2026-11.nobody:here")),
    ),
    Scenario("m10_acl_denied", "a target that is not for this initiator: tgt says 0x0203, too", denied),
    Scenario("m11_lun_not_there", "login is fine, LUN 9 is not: LOGICAL UNIT NOT SUPPORTED", with_tgt(inquiry(lun=9))),
    Scenario(
        "m12_every_key",
        "an offer for every negotiable key, an unknown and a private one; logout at once",
        with_initiator(lambda initiator: initiator.logout(), keys=EVERY_KEY),
        OURS,
    ),
    Scenario(
        "m13_send_targets_in_normal_session",
        "a Text Request in full-feature phase of a normal session: legal, but tgt drops the connection",
        with_initiator(send_targets_again),
        OURS,
    ),
)
