"""Where an attempt begins in a log that several attempts at one training append to."""

from __future__ import annotations

import datetime
import re
import socket

from jetline.core.cluster_job import cluster_job

_BEGINNING = re.compile(r"^-- attempt of \d.*$\n?", re.MULTILINE)


def begin_attempt() -> None:
    """Print the line that begins an attempt: when, on which machine, as which job of a cluster."""
    now = datetime.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    where = ", ".join(filter(None, [socket.gethostname(), cluster_job()]))
    print(f"-- attempt of {now} on {where}", flush=True)


def latest_attempt(log: str) -> str:
    """Give what a log says of its latest attempt; all of it where none begins."""
    return _BEGINNING.split(log)[-1]
