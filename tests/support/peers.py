"""Real iSCSI peers on loopback: the targets tgt and istgt, the initiators of libiscsi and QEMU.

Each target is a context manager that owns a private directory, a port of its own and its process, so that several run
side by side; nothing outlives the `with` block. Knows how the programs are run, nothing of iSCSI bytes.
"""

from __future__ import annotations

import shutil
import signal
import socket
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from tests.support.programs import SECONDS, PeerError, Process, free_port, run

IQN = "iqn.2026-11.example.samples:disk"
"The target name wherever a test or a sample does not care."

MEGABYTE = 1 << 20
BLOCK = 512


def qemu_io(url: str, *commands: str, timeout: float = SECONDS, ok: Sequence[int] = (0,)) -> str:
    """Lets QEMU open the LUN at `url` and do `commands` (`read 0 4k`, `write -P 7 0 1M`, `sleep 500` ...)."""
    words = [word for command in commands for word in ("-c", command)]
    return run("qemu-io", "-f", "raw", *words, url, timeout=timeout, ok=ok)


def fill(path: Path, size: int) -> Path:
    """Writes a disk image in which every block says its own number: readable in a hex dump, and it compresses well."""
    with path.open("wb") as image:
        for first in range(0, size, MEGABYTE):
            here = min(MEGABYTE, size - first) // BLOCK
            image.write(b"".join(b"block %09d " % (first // BLOCK + n) * 32 for n in range(here)))
        image.truncate(size)
    return path


class Server:
    """What both targets have in common: a private directory, a portal, one process, and URLs in libiscsi's spelling."""

    def __init__(self, *, port: int = 0, address: str = "127.0.0.1") -> None:
        self.address = address
        self.port = port or free_port(address)
        # Not below pytest's long directories: the path of a Unix socket has at most 107 bytes.
        self.directory = Path(tempfile.mkdtemp(prefix="peer-"))
        self.process: Process | None = None

    def start(self) -> None:
        """Starts the process; returns when it accepts connections."""
        raise NotImplementedError

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Ends the process, connections and all. (tgtd ignores SIGTERM while it has targets.)"""
        if self.process is not None:
            self.process.end(how)
            self.process = None

    def __enter__(self) -> Server:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def portal(self) -> str:
        """address:port, with brackets around IPv6."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    def url(self, lun: int | None = 1, *, iqn: str = IQN, user: str = "") -> str:
        """The URL of a LUN, or of the portal when `lun` is None; `user` is `name%password`."""
        path = "" if lun is None else f"/{iqn}/{lun}"
        return f"iscsi://{user + '@' if user else ''}{self.portal}{path}"


class Target(Server):
    """tgtd with a control socket of its own. Inside the block, `serve` adds targets, `admin` runs tgtadm."""

    def __init__(self, *, port: int = 0, address: str = "127.0.0.1", nop_interval: int = 0) -> None:
        super().__init__(port=port, address=address)
        self.nop_interval = nop_interval
        "Seconds of silence after which tgtd pings with NOP-In; 0 never."
        self.targets: list[str] = []

    def __enter__(self) -> Target:
        super().__enter__()
        return self

    @property
    def _control(self) -> dict[str, str]:
        return {"TGT_IPC_SOCKET": str(self.directory / "control")}

    def start(self) -> None:
        pings = f",nop_interval={self.nop_interval},nop_count=5" if self.nop_interval else ""
        words = ["tgtd", "-f", "-C", "0", "--iscsi", f"portal={self.portal}{pings}"]
        self.process = Process(words, self.directory / "tgtd.log", self._control)
        self.process.wait_until(self._answers)

    def _answers(self) -> bool:
        # An orderly question to the control socket: a trial connection to the portal would end up in the capture.
        try:
            return "ready" in self.admin("sys", "show")
        except PeerError:
            return False

    def admin(self, mode: str, op: str, **options: str | int) -> str:
        """One tgtadm command, its options with underscores: admin("target", "bind", tid=1, initiator_name=...)."""
        words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        return run(
            "tgtadm", "--control-port", "0", "--lld", "iscsi", "--mode", mode, "--op", op, *words, env=self._control
        )

    def serve(
        self,
        *sizes: int,
        iqn: str = IQN,
        allow: Mapping[str, str] | None = None,
        settings: Mapping[str, str | int] | None = None,
    ) -> int:
        """Offers a target with disks of `sizes` bytes (default one of 4 MB) as LUN 1, 2 ...; returns tgt's target id.

        `settings` are parameters by tgt's names (InitialR2T ...); `allow` who may come, {"initiator_name": iqn} or
        {"initiator_address": ip}, by default everybody.
        """
        self.targets.append(iqn)
        tid = len(self.targets)
        self.admin("target", "new", tid=tid, targetname=iqn)
        for name, value in (settings or {}).items():
            self.admin("target", "update", tid=tid, name=name, value=value)
        for lun, size in enumerate(sizes or (4 * MEGABYTE,), start=1):
            self.disk(size, lun=lun, tid=tid)
        self.admin("target", "bind", tid=tid, **(allow or {"initiator_address": "ALL"}))
        return tid

    def disk(self, size: int, *, lun: int = 1, tid: int = 1, params: str = "") -> Path:
        """Adds a disk, above 64 MB a sparse one. `params` go to tgt as they are: thin_provisioning=1,product_id=..."""
        image = self.directory / f"disk-{tid}-{lun}"
        if size <= 64 * MEGABYTE:
            fill(image, size)
        else:
            with image.open("wb") as sparse:
                sparse.truncate(size)
        self.admin("logicalunit", "new", tid=tid, lun=lun, backing_store=str(image))
        if params:
            self.admin("logicalunit", "update", tid=tid, lun=lun, params=params)
        return image

    def account(self, user: str, password: str, *, tid: int = 1, outgoing: bool = False) -> None:
        """Demands CHAP of initiators as `user`; with `outgoing` it is what the target proves itself with."""
        self.admin("account", "new", user=user, password=password)
        words = ["--outgoing"] if outgoing else []
        bind = ["--mode", "account", "--op", "bind", "--tid", str(tid), "--user", user, *words]
        run("tgtadm", "--control-port", "0", "--lld", "iscsi", *bind, env=self._control)


class Istgt(Server):
    """istgt with one target whose LUN 0 is a disk. It insists on a unit control portal, which gets its own port."""

    def __init__(
        self,
        *,
        port: int = 0,
        address: str = "127.0.0.1",
        size: int = 4 * MEGABYTE,
        chap: tuple[str, str] | None = None,
        ping: int = 60,
    ) -> None:
        super().__init__(port=port, address=address)
        self.size = size
        self.chap = chap
        "User and secret that initiators must prove, or None."
        self.ping = ping
        "Seconds between NOP-In pings."

    def __enter__(self) -> Istgt:
        super().__enter__()
        return self

    def start(self) -> None:
        fill(self.directory / "lun0", self.size)
        user, secret = self.chap or ("nobody", "no-secret-at-all")
        accounts = self.directory / "auth.conf"
        accounts.write_text(f'[AuthGroup1]\n  Auth "{user}" "{secret}"\n')
        accounts.chmod(0o600)
        settings = self.directory / "istgt.conf"
        settings.write_text(self._settings())
        self.process = Process(["istgt", "-D", "-c", str(settings)], self.directory / "istgt.log")
        self.process.wait_until(self._listens)

    def _listens(self) -> bool:
        # An attempt to bind tells whether somebody listens, without a trial connection that the capture would show.
        with socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.address, self.port))
            except OSError:
                return True
        return False

    def _settings(self) -> str:
        base, _, name = IQN.partition(":")
        auth = "CHAP" if self.chap else "Auto"
        sections: dict[str, dict[str, object]] = {
            "Global": {
                "NodeBase": f'"{base}"',
                "PidFile": self.directory / "istgt.pid",
                "AuthFile": self.directory / "auth.conf",
                "MediaDirectory": self.directory,
                "Timeout": 30,
                "NopInInterval": self.ping,
                "DiscoveryAuthMethod": "Auto",
                "MaxSessions": 16,
                "MaxConnections": 4,
                "MaxR2T": 32,
                "MaxOutstandingR2T": 16,
                "DefaultTime2Wait": 2,
                "DefaultTime2Retain": 60,
                "FirstBurstLength": 262144,
                "MaxBurstLength": 1048576,
                "MaxRecvDataSegmentLength": 262144,
                "InitialR2T": "Yes",
                "ImmediateData": "Yes",
                "DataPDUInOrder": "Yes",
                "DataSequenceInOrder": "Yes",
                "ErrorRecoveryLevel": 0,
            },
            "UnitControl": {"AuthMethod": "CHAP", "AuthGroup": "AuthGroup1", "Portal": f"UC1 127.0.0.1:{free_port()}"},
            "PortalGroup1": {"Portal": f"P1 {self.portal}"},
            "InitiatorGroup1": {"InitiatorName": '"ALL"', "Netmask": "ALL"},
            "LogicalUnit1": {
                "TargetName": name,
                "Mapping": "PortalGroup1 InitiatorGroup1",
                "AuthMethod": auth,
                "AuthGroup": "AuthGroup1",
                "UseDigest": "Auto",
                "UnitType": "Disk",
                "LUN0": f"Storage {self.directory / 'lun0'} {self.size // MEGABYTE}MB",
            },
        }
        lines = []
        for section, entries in sections.items():
            lines += [f"[{section}]", *(f"  {key} {value}" for key, value in entries.items())]
        return "\n".join(lines) + "\n"
