"""Where things lie under results/: keys and paths that the workflow and the tests share."""

from __future__ import annotations

import glob
import os
import re
import tempfile
from pathlib import Path

from jetline.core.errors import JetlineError
from jetline.core.files import short_hash
from jetline.sources.settings import PythiaSource, SampleSource, Source, ZenodoSource
from jetline.sources.zenodo.catalogue import sample_files


def source_key(source: Source) -> str:
    """Folder name of a source of jets: the same jets have the same key in every run.

    The number of files does not enter, so that more files of the same kind reuse the first ones;
    nor do defaults, so that a new option leaves the jets made without it where they are.
    """
    if isinstance(source, PythiaSource):
        settings = source.model_dump(
            mode="json", exclude={"source", "files"}, exclude_defaults=True
        )
        return f"pythia-{short_hash(settings)}"
    if isinstance(source, ZenodoSource):
        return f"zenodo-{source.sample}"
    return source.source


def jet_files(source: Source, sample_folder: Path) -> dict[str, str]:
    """Jet files of a dataset, in its order.

    Parameters
    ----------
    source : settings of the dataset
        Patterns among `paths` are expanded and sorted.
    sample_folder : Path
        Folder of the bundled sample.

    Returns
    -------
    dict
        Name of the file within its source to its path.

    Raises
    ------
    JetlineError
        If a path or pattern of the user's matches no file.
    """
    if isinstance(source, PythiaSource):
        folder = f"results/jets/{source_key(source)}"
        return {f"jets_{k}": f"{folder}/jets_{k}.npz" for k in range(source.files)}
    if isinstance(source, ZenodoSource):
        folder = f"results/jets/{source_key(source)}"
        names = [file.name for file in sample_files(source.sample)[: source.files]]
        return {name.removesuffix(".npz"): f"{folder}/{name}" for name in names}
    if isinstance(source, SampleSource):
        sample = sorted(Path(sample_folder).glob("*.npz"))
        if not sample:
            raise JetlineError(
                f"bundled sample in {sample_folder}",
                found="no jet files",
                expected="QG_jets_0.npz to QG_jets_3.npz",
                remedy="check out the whole repository again: git checkout -- resources",
            )
        return {path.stem: str(path) for path in sample}
    paths = []
    for pattern in source.paths:
        matches = sorted(glob.glob(os.path.expanduser(pattern), recursive=True))
        if not matches:
            raise JetlineError(
                f"configuration, datasets, path {pattern}",
                found=f"no such file from {Path.cwd()}",
                expected="a jet file, or a pattern that matches some",
                remedy="correct the path; relative ones start at the working directory",
            )
        paths += matches
    return {_file_name(path): path for path in dict.fromkeys(map(os.path.normpath, paths))}


def _file_name(path: str) -> str:
    """A name without dots or slashes that two paths never share."""
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", Path(path).stem)
    return f"{stem}-{short_hash(path)}"


def require_writable(folder: Path) -> None:
    """Make sure that results can be written, before anything runs.

    Raises
    ------
    JetlineError
        If the folder cannot be made, or no file can be written into it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except OSError as error:
        raise JetlineError(
            f"results folder {folder.absolute()}",
            found=f"it cannot be written to ({error.strerror})",
            expected="a folder of yours on a disk with space",
            remedy="change its permissions, or give another working folder by --directory",
        ) from None
