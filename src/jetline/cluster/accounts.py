"""The accounts that jobs are put on."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from jetline.cluster.slurm import SlurmError, ask
from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Iterable


def require_accounts(accounts: Iterable[str], profile: str) -> None:
    """Stop where jobs would be refused for their account.

    The executor looks for it as this does, for each job anew, and gives up where nothing answers.

    Parameters
    ----------
    accounts : iterable of str
        Whatever the steps name.
    profile : str
        Where that stands.

    Raises
    ------
    JetlineError
        If the user has no such account, or the cluster knows of none.
    """
    for account in sorted(set(accounts)):
        known = _known(account, profile)
        if known and account.lower() not in known:
            raise JetlineError(
                "the cluster, account",
                found=account,
                expected=f"one of yours: {', '.join(sorted(known))}",
                remedy=f"in {profile}: slurm_account",
            )


def _known(account: str, profile: str) -> set[str]:
    """Give the user's accounts; empty where the cluster answers that it keeps none."""
    associations = ("sacctmgr", "-n", "-s", "list", "user", getpass.getuser())
    answers = []
    for command in (
        (*associations, "format=account%256"),
        ("sshare", "-U", "--format", "Account%256", "--noheader"),
    ):
        try:
            known = {line.strip().lower() for line in ask(*command).splitlines() if line.strip()}
        except SlurmError as error:
            answers.append(error.found)
            continue
        if known:
            return known
    if len(answers) == 2:
        raise JetlineError(
            "the cluster, account",
            found=f"{account}, and nothing that knows of accounts ({answers[0]})",
            expected="no account on a cluster without an accounting database",
            remedy=f"in {profile}: leave slurm_account out",
        )
    return set()
