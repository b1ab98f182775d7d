"""The kind of file system, by a table of mounts as Linux writes it."""

from __future__ import annotations

import pytest

from jetline.core.mounts import network_file_system

TABLE = """\
/dev/sda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
/dev/nvme0n1 /home/me/scratch\\040here xfs rw 0 0
10.0.0.1@o2ib:/lustre /lustre lustre rw,flock 0 0
beegfs_nodev /data beegfs rw 0 0
gpfs0 /gpfs gpfs rw 0 0
AFS /afs afs rw 0 0
eos /eos fuse.eosxd rw 0 0
autofs /later autofs rw 0 0
server:/later /later nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/srv/me", ""),
        ("/home/me/jetline/results", "nfs4"),
        ("/home/me/scratch here/results", ""),
        ("/homes/me", ""),
        ("/lustre/me", "lustre"),
        ("/data", "beegfs"),
        ("/gpfs/x", "gpfs"),
        ("/afs/cern.ch/user/m/me", "afs"),
        ("/eos/user/m/me", "eosxd"),
        ("/later/me", "nfs"),
    ],
)
def test_the_mount_nearest_to_the_folder_decides(tmp_path, folder, expected):
    table = tmp_path / "mounts"
    table.write_text(TABLE)
    assert network_file_system(folder, table) == expected


def test_without_a_table_nothing_is_known(tmp_path):
    assert network_file_system(tmp_path, tmp_path / "none") == ""
