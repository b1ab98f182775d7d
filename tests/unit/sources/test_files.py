"""The user's own files are found by their paths, and each gets a name of its own."""

import re
from pathlib import Path

import pytest

from jetline.core.errors import JetlineError
from jetline.sources.files import FilesSource

NOWHERE = Path("no/sample/is/needed")


def files(*paths: str | Path) -> FilesSource:
    return FilesSource(source="files", paths=tuple(map(str, paths)))


def touched(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_patterns_are_expanded_in_order(tmp_path):
    touched(tmp_path / "b.npz", tmp_path / "a.npz", tmp_path / "c.txt", tmp_path / "deep/er/d.npz")
    flat = files(tmp_path / "*.npz").jet_files(NOWHERE)
    assert [Path(path).name for path in flat.values()] == ["a.npz", "b.npz"]
    deep = files(tmp_path / "**/*.npz").jet_files(NOWHERE)
    assert [Path(path).name for path in deep.values()] == ["a.npz", "b.npz", "d.npz"]


def test_files_keep_the_order_in_which_they_are_listed(tmp_path):
    # Splitting by file goes by it.
    touched(tmp_path / "a.npz", tmp_path / "b.npz")
    found = files(tmp_path / "b.npz", tmp_path / "a.npz").jet_files(NOWHERE)
    assert [Path(path).name for path in found.values()] == ["b.npz", "a.npz"]


def test_files_of_the_same_name_in_different_folders_do_not_collide(tmp_path):
    touched(tmp_path / "pythia/jets.npz", tmp_path / "herwig/jets.npz")
    found = files(tmp_path / "*/jets.npz").jet_files(NOWHERE)
    assert len(found) == 2
    assert set(found.values()) == {
        str(tmp_path / "pythia/jets.npz"),
        str(tmp_path / "herwig/jets.npz"),
    }


def test_names_that_differ_only_in_odd_characters_do_not_collide(tmp_path):
    touched(*(tmp_path / f"{name}.npz" for name in ("a b", "a.b", "a_b", "ä")))
    found = files(tmp_path / "*.npz").jet_files(NOWHERE)
    assert len(found) == 4
    # As the workflow's wildcards want them.
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in found)


def test_a_file_listed_twice_counts_once(tmp_path):
    touched(tmp_path / "jets.npz", tmp_path / "deep/other.npz")
    twice = files(tmp_path / "jets.npz", tmp_path / "*.npz", tmp_path / "deep/../jets.npz")
    assert list(twice.jet_files(NOWHERE).values()) == [str(tmp_path / "jets.npz")]


def test_a_file_has_the_same_name_however_it_is_listed(tmp_path):
    touched(tmp_path / "a.npz", tmp_path / "b.npz")
    alone = files(tmp_path / "b.npz").jet_files(NOWHERE)
    assert alone.items() < files(tmp_path / "*.npz").jet_files(NOWHERE).items()


def test_relative_paths_start_at_the_working_directory_and_a_tilde_at_home(tmp_path, monkeypatch):
    touched(tmp_path / "jets/a.npz")
    monkeypatch.chdir(tmp_path)
    assert list(files("jets/*.npz").jet_files(NOWHERE).values()) == ["jets/a.npz"]
    monkeypatch.setenv("HOME", str(tmp_path))
    home = files("~/jets/*.npz").jet_files(NOWHERE)
    assert list(home.values()) == [str(tmp_path / "jets/a.npz")]


def test_a_path_that_exists_is_taken_as_it_is_before_it_is_taken_for_a_pattern(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    touched(
        *map(Path, ("jets[1].npz", "jets1.npz", "run *[a]/x?.npz", "run *[a]/xy.npz", "~/a.npz"))
    )
    assert list(files("jets[1].npz").jet_files(NOWHERE).values()) == ["jets[1].npz"]
    assert list(files("run *[a]/x?.npz").jet_files(NOWHERE).values()) == ["run *[a]/x?.npz"]
    assert list(files("~/a.npz").jet_files(NOWHERE).values()) == ["~/a.npz"]
    # So is a folder that exists, before a pattern.
    whole = ["run *[a]/x?.npz", "run *[a]/xy.npz"]
    assert list(files("run *[a]/*.npz").jet_files(NOWHERE).values()) == whole
    assert list(files(tmp_path / "run *[a]/*y.npz").jet_files(NOWHERE).values()) == [
        str(tmp_path / "run *[a]/xy.npz")
    ]


@pytest.mark.parametrize("pattern", ["none/*.npz", "none.npz"])
def test_a_pattern_that_matches_nothing_is_an_error_that_names_it(tmp_path, monkeypatch, pattern):
    touched(tmp_path / "a.npz")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(JetlineError) as caught:
        files("a.npz", pattern).jet_files(NOWHERE)
    assert caught.value.where.endswith(pattern)
    assert str(tmp_path) in caught.value.found
    assert "relative ones start at the working directory" in caught.value.remedy


def test_a_folder_is_told_to_be_named_by_its_files(tmp_path):
    touched(tmp_path / "jets/a.npz", tmp_path / "jets/old/b.npz")
    with pytest.raises(JetlineError) as caught:
        files(tmp_path / "jets").jet_files(NOWHERE)
    assert caught.value.found == "a folder"
    assert f"{tmp_path}/jets/*.npz" in caught.value.remedy
    # A pattern is for files: folders that it matches are none.
    assert len(files(tmp_path / "jets/*").jet_files(NOWHERE)) == 1
