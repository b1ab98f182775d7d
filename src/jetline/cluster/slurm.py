"""Ask SLURM's own programs."""

from __future__ import annotations

import os
import subprocess

from jetline.core.errors import JetlineError

#: Seconds that a busy controller may take to answer.
_PATIENCE = 60
#: Beginnings of variables by which users have other lists printed than we ask for.
_OF_USERS = ("SACCT_", "SINFO_", "SQUEUE_", "SLURM_TIME_FORMAT")


class SlurmError(JetlineError):
    """A program of SLURM's that is not there or gives no answer."""


def ask(*command: str, patience: float = _PATIENCE) -> str:
    """Run one of SLURM's programs and give what it prints.

    Parameters
    ----------
    command : str
        The program and its arguments.
    patience : float
        Seconds to wait for it.

    Raises
    ------
    SlurmError
        Where there is no such program, or it fails.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith(_OF_USERS)}
    try:
        run = subprocess.run(
            command,
            env=ours | {"LC_ALL": "C"},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=patience,
            check=False,
        )
    except OSError:
        raise SlurmError(
            "SLURM on this machine",
            found=f"no program {command[0]}",
            expected="the login node of a cluster with SLURM",
            remedy="log in there, or load its module (such as `module load slurm`); "
            "without a cluster: snakemake --cores 4",
        ) from None
    except subprocess.TimeoutExpired:
        said = f"no answer within {patience:.0f} s"
    else:
        if run.returncode == 0:
            return run.stdout
        said = " ".join((run.stderr.strip() or run.stdout.strip() or "nothing").splitlines()[:2])
    raise SlurmError(
        f"SLURM, {command[0]}",
        found=said,
        expected="an answer of the cluster",
        remedy=f"run `{command[0]}` by hand; where it fails too, ask those who run the cluster",
    )
