"""Jobs that a Snakemake has left behind when it was killed."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jetline.cluster.queue import Waiting
from jetline.cluster.slurm import SlurmError, ask
from jetline.core.errors import JetlineError
from jetline.core.mounts import network_file_system

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable

#: What the executor calls all jobs of one run, perhaps behind a word of the user's.
_NAME = re.compile(r"(?:[\w-]{1,50}_)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What it writes into their comment.
_COMMENT = re.compile(r"(?:rule|group)_(.+?)(?:_wildcards_(.*))?")
#: Of ``squeue``: number, state, time so far, name, reason, comment, folder (which comes last).
_FIELDS = "%i|%T|%M|%j|%r|%k|%Z"
#: Seconds between two looks at them, at first and at most, and between two lines on them.
_FIRST_LOOK, _LONGEST_LOOK, _EVERY = 2.0, 30.0, 60.0
#: Seconds after which a machine surely sees the files that another one has written.
_SEEN = 60.0

#: Options by which Snakemake runs nothing.
_RUN_NOTHING = (
    *("dryrun", "touch", "lint", "list_rules", "list_target_rules", "print_compilation"),
    *("containerize", "generate_unit_tests", "dag", "rulegraph"),
    *("filegraph", "d3dag", "unlock", "cleanup_metadata", "conda_cleanup_envs"),
    *("conda_create_envs_only", "list_conda_envs", "cleanup_shadow", "container_cleanup_images"),
    *("list_changes", "list_input_changes", "list_params_changes", "list_untracked", "summary"),
    *("detailed_summary", "archive", "delete_all_output", "delete_temp_output"),
)


@dataclass(frozen=True)
class Orphan:
    """A job in the queue that no Snakemake looks after.

    Parameters
    ----------
    number : str
        By which SLURM knows it.
    step : str
        What it does.
    began : str
        How long it runs, as SLURM writes it; empty before.
    waits : Waiting or None
        Why it waits, if it does.
    """

    number: str
    step: str
    began: str
    waits: Waiting | None

    def __str__(self) -> str:
        how = f"waits {self.waits.words}" if self.waits else f"has run for {self.began}"
        return f"SLURM job {self.number}: {self.step}, {how}"


def called_as_program(name: str) -> bool:
    """Tell whether Snakemake runs as a program of its own, whose arguments are Snakemake's."""
    return Path(name).name in {"snakemake", "__main__.py"}


def submits(options: Namespace) -> bool:
    """Tell whether Snakemake, called with these options, submits jobs to SLURM."""
    report = getattr(options, "report", None) and not getattr(options, "report_after_run", False)
    nothing = any(getattr(options, name, None) for name in _RUN_NOTHING)
    return getattr(options, "executor", None) == "slurm" and not nothing and not report


def wait_for_orphans(folder: Path, tell: Callable[[str], object]) -> None:
    """Wait until the jobs have ended that an earlier Snakemake has left in a folder.

    Before Snakemake looks at what there is: beside such a job it would submit the same step again,
    and remove what the first one has finished meanwhile. While another Snakemake has locked files
    of the folder nobody waits: Snakemake itself does not start then, or needs none of these files.

    Parameters
    ----------
    folder : Path
        The workflow's; jobs of other folders are none of its business.
    tell : callable
        Tells the user a line.

    Raises
    ------
    JetlineError
        If one of them will never start, or the cluster does not answer.
    """
    if any((folder / ".snakemake/locks").glob("*.lock")) or shutil.which("squeue") is None:
        return  # Where there is no SLURM, that is told before the first job.
    orphans = _orphans(folder)
    if not orphans:
        return
    numbers = " ".join(orphan.number for orphan in orphans)
    try:
        _wait(folder, orphans, tell)
    except KeyboardInterrupt:
        sys.exit(f"stopped; jobs of an earlier Snakemake run on (to end them: scancel {numbers})")
    tell("they have ended: what they have finished stays")
    if network_file_system(folder):
        tell(f"waiting {_SEEN:.0f} s until this machine is sure to see their files")
        time.sleep(_SEEN)


def _wait(folder: Path, orphans: list[Orphan], tell: Callable[[str], object]) -> None:
    """Wait for these jobs, not for those that come later."""
    known = {orphan.number for orphan in orphans}
    _require_able(orphans)
    tell(
        "jobs of an earlier Snakemake of this folder, which was killed, are still there. Waiting "
        "for them, so that nothing is done twice. Ctrl-C leaves them; to end them: scancel "
        + " ".join(orphan.number for orphan in orphans)
    )
    told, look = -_EVERY, _FIRST_LOOK
    while orphans:
        if time.monotonic() - told >= _EVERY:
            told = time.monotonic()
            for line in _lines(orphans):
                tell(f"  {line}")
        time.sleep(look)
        look = min(1.5 * look, _LONGEST_LOOK)
        try:
            now = [orphan for orphan in _orphans(folder) if orphan.number in known]
        except SlurmError as error:
            tell(f"  SLURM does not answer ({error.found}): asking again")
            continue
        left = {orphan.number for orphan in now}
        for orphan in orphans:
            if orphan.number not in left:
                tell(f"  ended: {orphan.step} (SLURM job {orphan.number})")
        orphans = now
        _require_able(orphans)


def _lines(orphans: list[Orphan]) -> list[str]:
    """Tell of the first ones each, of the others how many."""
    more = [f"and {len(orphans) - 10} more"] if len(orphans) > 10 else []
    return [*map(str, orphans[:10]), *more]


def _require_able(orphans: Iterable[Orphan]) -> None:
    """Stop if some will not end by themselves."""
    stuck = [orphan for orphan in orphans if orphan.waits and orphan.waits.for_ever]
    if stuck:
        raise JetlineError(
            "the cluster, jobs of an earlier Snakemake of this folder",
            found="; ".join(
                f"{one.number} ({one.step}) will not start by itself: {one.waits.reason}"
                for one in stuck
                if one.waits
            ),
            expected="jobs that end, so that their steps are not run twice",
            remedy=f"scancel {' '.join(one.number for one in stuck)}, and start again",
        )


def _orphans(folder: Path) -> list[Orphan]:
    """Ask for the jobs of this user that were submitted by a Snakemake from a folder."""
    user = getpass.getuser()
    listed = ask("squeue", "--noheader", f"--user={user}", f"--format={_FIELDS}")
    return read_orphans(listed, folder)


def read_orphans(listed: str, folder: Path) -> list[Orphan]:
    """Read what ``squeue`` has printed, and take the jobs of the folder."""
    own = os.path.realpath(folder)
    found = []
    for line in listed.splitlines():
        fields = line.strip().split("|", 6)
        if len(fields) < 7:
            continue
        number, state, time_, name, reason, comment, place = fields
        step = _COMMENT.fullmatch(comment)
        if step and _NAME.fullmatch(name) and os.path.realpath(place) == own:
            waits = Waiting(reason) if state == "PENDING" else None
            words = " ".join(filter(None, [step[1], (step[2] or "").replace("_", " ")]))
            found.append(Orphan(number, words, "" if waits else time_, waits))
    return found
