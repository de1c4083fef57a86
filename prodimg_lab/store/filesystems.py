"""On what kind of file system does a folder lie? WAL needs memory that all processes share: no network has it."""

from __future__ import annotations

from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.s3fs", "fuse.gcsfuse", "9p", "ceph"})
"""NFS is EFS too, CIFS and SMB are Windows shares."""


def kind_of(folder: Path) -> str:
    """Its type, as `ext4` or `nfs4`; "" where the system does not tell (only Linux does)."""
    try:
        lines = MOUNTS.read_text("utf-8").splitlines()
    except OSError:
        return ""
    target = folder.resolve()
    found, deepest = "", -1
    for line in lines:
        point, kind = line.split(" ")[1:3]
        place = Path(point.replace("\\040", " "))
        if target.is_relative_to(place) and len(place.parts) >= deepest:
            found, deepest = kind, len(place.parts)
    return found


def is_network(folder: Path) -> bool:
    """Whether other machines may write there too."""
    return kind_of(folder) in NETWORK
