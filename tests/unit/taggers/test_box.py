"""Taggers by name: found, chosen by what the files tell, or one clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

from jetline.core.errors import JetlineError
from jetline.core.files import write_arrays
from jetline.taggers import box


@pytest.fixture(autouse=True)
def _named(tmp_path, monkeypatch):
    """A box of empty folders."""
    for name in ("multiplicity", "pfn-none", "pfn-experimental", "pfn-full", "lite-full"):
        (tmp_path / "box" / name).mkdir(parents=True)
        (tmp_path / "box" / name / "card.json").touch()
    monkeypatch.setattr(box, "BOX", tmp_path / "box")


def jet_file(folder: Path, jets, *, told: bool) -> Path:
    few = jets[0][:20].copy()
    if not told:
        few[..., 3] = 0
    path = folder / f"jets-{told}.npz"
    write_arrays(path, X=few)
    return path


def test_a_tagger_is_found_by_its_name_or_as_a_folder(tmp_path):
    assert box.find_tagger(Path("multiplicity")) == box.BOX / "multiplicity"
    assert box.find_tagger(tmp_path) == tmp_path
    assert box.names() == ["lite-full", "multiplicity", "pfn-experimental", "pfn-full", "pfn-none"]


def test_of_taggers_that_differ_in_identity_the_one_that_all_files_serve_is_taken(jets, tmp_path):
    full, none = (jet_file(tmp_path, jets, told=told) for told in (True, False))
    assert box.find_tagger(Path("pfn"), [full]).name == "pfn-full"
    assert box.find_tagger(Path("pfn"), [full, none]).name == "pfn-none"
    # Where none fits, scoring says what the file lacks.
    assert box.find_tagger(Path("lite"), [none]).name == "lite-full"


@pytest.mark.parametrize(("name", "remedy"), [("pfn-ful", "pfn-full"), ("x", "jetline taggers")])
def test_no_such_tagger(name, remedy):
    with pytest.raises(JetlineError) as caught:
        box.find_tagger(Path(name))
    assert remedy in caught.value.remedy


def test_without_a_card_there_is_nothing_to_warn_of(tmp_path):
    assert box.warnings_of(tmp_path, tmp_path / "no-such-file") == []
