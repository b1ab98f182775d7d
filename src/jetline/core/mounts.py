"""What kind of file system a folder lies on."""

from __future__ import annotations

import re
from pathlib import Path

#: Names that Linux gives the types of file systems which several machines use at once.
_OF_NETWORKS = re.compile(
    r"(fuse\.)?(nfs\d?|lustre|gpfs|mmfs|beegfs|fhgfs|ceph|ceph-fuse|afs|auristorfs|yfs|eosd?|eosxd"
    r"|glusterfs|cvmfs2?|panfs|pvfs2|orangefs|ocfs2|gfs2|wekafs|quobyte|moosefs|juicefs|sshfs"
    r"|cifs|smb3|smbfs|ncpfs|9p|virtiofs|davfs)"
)
#: Where Linux lists what is mounted.
TABLE = Path("/proc/self/mounts")


def network_file_system(folder: Path, table: Path | None = None) -> str:
    """Name the type of file system of a folder, if it is one that other machines use as well.

    Parameters
    ----------
    folder : Path
        It need not exist yet.
    table : Path, optional
        List of what is mounted, as Linux writes it; this machine's if left out.

    Returns
    -------
    str
        Such as ``nfs4`` or ``lustre``; empty for a local one, and where there is no such list.
    """
    try:
        lines = (table or TABLE).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    wanted = Path(folder).resolve()
    found, length = "", -1
    for line in lines:
        _, mounted, kind, *_ = line.split(" ")
        point = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), mounted))
        # Of several at the same place the last one is seen.
        if wanted.is_relative_to(point) and len(point.parts) >= length:
            found, length = kind, len(point.parts)
    return found.removeprefix("fuse.") if _OF_NETWORKS.fullmatch(found) else ""
