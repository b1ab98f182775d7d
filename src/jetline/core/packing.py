"""How far members of a ZIP archive may unpack: a bomb of some MB would fill memory or disk."""

from __future__ import annotations

import zipfile

from jetline.core.errors import JetlineError

#: Unpacked sizes [bytes] up to which nobody asks how tightly a member is packed.
_HARMLESS = 2**30

#: How many times smaller packed numbers may be. Deflated padding alone shrinks to a thousandth; but
#: jets of 40 constituents with padding to 4,000 still take a hundredth of the array.
_TIGHTEST = 200

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_OTHER_METHODS = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "lzma"}


def require_plausible(where: str, member: zipfile.ZipInfo, archive_bytes: int) -> None:
    """Refuse a member of which the archive's directory says what cannot be true of arrays.

    Parameters
    ----------
    where : str
        Archive and array, for the error.
    member : zipfile.ZipInfo
        What the directory says of it.
    archive_bytes : int
        Size of the archive.

    Raises
    ------
    JetlineError
        If it is packed by another method than NumPy's, more tightly than numbers can be, or
        larger than the archive.
    """
    if member.compress_type not in _METHODS:
        # Of other methods Python unpacks whole pieces at once, of whatever size.
        name = _OTHER_METHODS.get(member.compress_type, f"method {member.compress_type}")
        found, remedy = f"packed by {name}", "save it again by `np.savez_compressed`"
    elif member.compress_size > archive_bytes:
        found = f"{member.compress_size:,} bytes in an archive of {archive_bytes:,}"
        remedy = "the file is damaged: fetch or make it again"
    elif member.file_size > max(_HARMLESS, _TIGHTEST * member.compress_size):
        found = f"{member.file_size:,} bytes packed into {member.compress_size:,}"
        remedy = (
            "do not use it if it is a stranger's, since it would fill the memory; if it is your "
            "own, save it by `np.savez`, which does not pack"
        )
    else:
        return
    raise JetlineError(
        where,
        found=found,
        expected=f"an array as NumPy saves it, packed at most {_TIGHTEST} times if it has more "
        f"than {_HARMLESS / 1e9:.1f} GB",
        remedy=remedy,
    )
