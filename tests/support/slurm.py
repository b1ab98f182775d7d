"""A real SLURM cluster on one machine, which leaves nothing behind.

Everything runs in namespaces of its own: SLURM's programs find their configuration in
``/etc/slurm``, where only they see the folder of this cluster, and whatever still runs at the end,
jobs and stray Snakemakes included, ends with the first process of its process namespace.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from services import free_port, require

if TYPE_CHECKING:
    from collections.abc import Iterator

#: One node that tells more cores than it may have, and two GPUs that are none; the other is a
#: name. Jobs of the last two partitions make room for others: cancelled there, or queued again.
_CONFIGURATION = """\
ClusterName=jetline
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=2
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
ReturnToService=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=1,sched_interval=5,bf_interval=5
KillWait=10
MinJobAge=300
InactiveLimit=0
SlurmdTimeout=60
GresTypes=gpu
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=20000 Gres=gpu:2 Feature=ib State=UNKNOWN
NodeName=small NodeAddr=127.0.0.1 Port={no_port} CPUs=2 RealMemory=4000 State=DOWN Reason=pretended
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=DEFAULT DefMemPerCPU=1000 PriorityTier=2 State=UP
PartitionName=cpu Nodes={host} Default=YES MaxTime=2-00:00:00
PartitionName=gpu Nodes={host} MaxTime=2-00:00:00
PartitionName=short Nodes={host} MaxTime=00:30:00
PartitionName=small Nodes=small MaxTime=2-00:00:00
PartitionName=spare Nodes={host} MaxTime=00:20:00 PriorityTier=1 PreemptMode=CANCEL
PartitionName=again Nodes={host} MaxTime=00:20:00 PriorityTier=1
"""

_PROGRAMS = ("slurmctld", "slurmd", "munged", "sinfo", "unshare", "nsenter", "setpriv")


class Cluster:
    """A running cluster.

    Parameters
    ----------
    folder : Path
        Of its configuration and logs.
    first : int
        Number of the first process of its namespaces.
    """

    def __init__(self, folder: Path, first: int) -> None:
        self.folder = folder
        self._enter = ["nsenter", "--target", str(first), "--mount", "--pid", "--"]

    def command(self, *command: str | Path, folder: Path | None = None) -> list[str]:
        """Give the command that runs another one on the cluster's login node, which is here."""
        # nsenter begins in the root folder.
        return [*self._enter, "env", f"--chdir={folder or self.folder}", *map(str, command)]

    def run(
        self, *command: str | Path, folder: Path | None = None, **options
    ) -> subprocess.CompletedProcess[str]:
        """Run a command there to its end; stderr comes with stdout."""
        return subprocess.run(
            self.command(*command, folder=folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **options,
        )

    def jobs(self, *options: str) -> list[str]:
        """Give the numbers of the jobs that wait or run."""
        return self.run("squeue", "--noheader", "--format=%i", *options).stdout.split()

    def clear(self) -> None:
        """Cancel all jobs, so that the next test finds an idle cluster."""
        if jobs := self.jobs():
            self.run("scancel", "--full", "--signal=KILL", *jobs)
            self.run("scancel", *jobs)
        _wait_for(lambda: not self.jobs(), 60, lambda: f"still there: {self.jobs()}")


@contextlib.contextmanager
def slurm() -> Iterator[Cluster]:
    """Run a cluster; several may run side by side."""
    for program in _PROGRAMS:
        # Debian has some of them where only root looks.
        found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        require(found, f"{program} (Debian: slurm-wlm, munge)")
    require("root" if os.getuid() == 0 else None, "root, for a SLURM cluster of its own,")
    require("there" if Path("/etc/slurm").is_dir() else None, "the folder /etc/slurm")
    # Not below the folders of the tests: paths of sockets are short.
    folder = Path(tempfile.mkdtemp(prefix="jetline-slurm-"))
    folder.chmod(0o755)
    _configure(folder)
    own = f"mount --bind {folder} /etc/slurm && touch {folder}/ready && exec sleep infinity"
    # It ends with the tests, however they end.
    namespaces = ["setpriv", "--pdeathsig=KILL"]
    namespaces += ["unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
    log = folder / "namespaces.log"
    outer = _begun([*namespaces, "--propagation", "private", "sh", "-c", own], log)
    inner: list[subprocess.Popen[bytes]] = []
    try:
        ended = outer.poll
        _wait_for(lambda: (folder / "ready").exists() or ended() is not None, 20, log.read_text)
        if ended() is not None:
            require(None, f"namespaces of its own ({log.read_text().strip()})")
        (first,) = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
        cluster = Cluster(folder, int(first))
        _start(cluster, inner)
        yield cluster
    finally:
        # With it ends the first process of the namespaces, with that one all others.
        outer.kill()
        for process in (outer, *inner):
            process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _begun(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    sbin = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    with log.open("w") as told:
        return subprocess.Popen(
            command, env=os.environ | sbin, stdout=told, stderr=told, start_new_session=True
        )


def _configure(folder: Path) -> None:
    host = socket.gethostname().partition(".")[0]
    ports = {name: free_port() for name in ("controller_port", "node_port", "no_port")}
    text = _CONFIGURATION.format(host=host, folder=folder, **ports)
    (folder / "slurm.conf").write_text(text)
    (folder / "gres.conf").write_text(f"NodeName={host} Name=gpu File=/dev/null,/dev/zero\n")
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)


def _start(cluster: Cluster, inner: list[subprocess.Popen[bytes]]) -> None:
    folder = cluster.folder
    places = ["socket", "log-file", "pid-file", "seed-file"]
    files = [f"--{name}={folder}/munge.{name.partition('-')[0]}" for name in places]
    munge = ["munged", "--foreground", "--force", f"--key-file={folder}/munge.key", *files]
    for name, command in (
        ("munged", munge),
        ("slurmctld", ["slurmctld", "-D"]),
        ("slurmd", ["slurmd", "-D"]),
    ):
        inner.append(_begun(cluster.command(*command), folder / f"{name}.out"))
        if name == "munged":
            _wait_for((folder / "munge.socket").exists, 20, (folder / "munged.out").read_text)
    idle = ["sinfo", "--noheader", "--partition=cpu", "--format=%T"]
    logs = [folder / "slurmctld.out", folder / "slurmd.out"]
    _wait_for(
        lambda: cluster.run(*idle).stdout.strip() == "idle",
        60,
        lambda: "\n".join(log.read_text() for log in logs),
    )


def _wait_for(reached, seconds: float, told) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)
