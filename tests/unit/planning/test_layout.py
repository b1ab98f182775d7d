"""Keys and paths: the same jets lie in the same place, different ones never."""

import re
from pathlib import Path

import pytest

from jetline.core.errors import JetlineError
from jetline.planning.layout import jet_files, source_key
from jetline.sources.settings import FilesSource, PythiaSource, SampleSource

NOWHERE = Path("no/sample/is/needed")


def pythia(**settings) -> PythiaSource:
    return PythiaSource(source="pythia", **settings)


def files(*paths: str | Path) -> FilesSource:
    return FilesSource(source="files", paths=tuple(map(str, paths)))


def touched(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


# Keys


def test_more_files_of_a_generated_source_reuse_the_first_ones():
    few, many = pythia(files=3), pythia(files=12)
    assert source_key(few) == source_key(many)
    names = list(jet_files(many, NOWHERE))
    assert names[:3] == list(jet_files(few, NOWHERE))
    assert len(set(names)) == 12
    assert jet_files(many, NOWHERE).items() > jet_files(few, NOWHERE).items()


@pytest.mark.parametrize("other", [{"seed": 2}, {"jets_per_file": 100}])
def test_other_generated_jets_have_another_key(other):
    assert source_key(pythia(**other)) != source_key(pythia())
    assert not set(jet_files(pythia(**other), NOWHERE).values()) & set(
        jet_files(pythia(), NOWHERE).values()
    )


def test_defaults_written_out_have_the_same_key():
    assert source_key(pythia(seed=1, jets_per_file=5000, files=4)) == source_key(pythia())


def test_each_kind_of_source_has_a_key_that_the_workflow_knows():
    keys = [source_key(source) for source in (SampleSource(source="sample"), files("a"), pythia())]
    assert len(set(keys)) == 3
    assert all(re.fullmatch(r"sample|files|pythia-[0-9a-f]+", key) for key in keys)


def test_the_key_of_generated_jets_stays_the_same_for_ever():
    # Else every user's jets would be generated anew after an update.
    assert source_key(pythia()) == "pythia-44136fa355"


def test_generated_files_lie_under_their_key():
    for name, path in jet_files(pythia(files=2), NOWHERE).items():
        assert path == f"results/jets/{source_key(pythia())}/{name}.npz"


def test_the_sample_is_the_bundled_files_in_order(bundled, root):
    found = jet_files(SampleSource(source="sample"), root / "resources/sample")
    assert found == {path.stem: str(path) for path in bundled}
    assert list(found) == sorted(found)


# The user's own files


def test_patterns_are_expanded_in_order(tmp_path):
    touched(tmp_path / "b.npz", tmp_path / "a.npz", tmp_path / "c.txt", tmp_path / "deep/er/d.npz")
    flat = jet_files(files(tmp_path / "*.npz"), NOWHERE)
    assert [Path(path).name for path in flat.values()] == ["a.npz", "b.npz"]
    deep = jet_files(files(tmp_path / "**/*.npz"), NOWHERE)
    assert [Path(path).name for path in deep.values()] == ["a.npz", "b.npz", "d.npz"]


def test_files_keep_the_order_in_which_they_are_listed(tmp_path):
    # Splitting by file goes by it.
    touched(tmp_path / "a.npz", tmp_path / "b.npz")
    found = jet_files(files(tmp_path / "b.npz", tmp_path / "a.npz"), NOWHERE)
    assert [Path(path).name for path in found.values()] == ["b.npz", "a.npz"]


def test_files_of_the_same_name_in_different_folders_do_not_collide(tmp_path):
    touched(tmp_path / "pythia/jets.npz", tmp_path / "herwig/jets.npz")
    found = jet_files(files(tmp_path / "*/jets.npz"), NOWHERE)
    assert len(found) == 2
    assert set(found.values()) == {
        str(tmp_path / "pythia/jets.npz"),
        str(tmp_path / "herwig/jets.npz"),
    }


def test_names_that_differ_only_in_odd_characters_do_not_collide(tmp_path):
    touched(*(tmp_path / f"{name}.npz" for name in ("a b", "a.b", "a_b", "ä")))
    found = jet_files(files(tmp_path / "*.npz"), NOWHERE)
    assert len(found) == 4
    # As the workflow's wildcards want them.
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in found)


def test_a_file_listed_twice_counts_once(tmp_path):
    touched(tmp_path / "jets.npz", tmp_path / "deep/other.npz")
    twice = files(tmp_path / "jets.npz", tmp_path / "*.npz", tmp_path / "deep/../jets.npz")
    assert list(jet_files(twice, NOWHERE).values()) == [str(tmp_path / "jets.npz")]


def test_a_file_has_the_same_name_however_it_is_listed(tmp_path):
    touched(tmp_path / "a.npz", tmp_path / "b.npz")
    alone = jet_files(files(tmp_path / "b.npz"), NOWHERE)
    assert alone.items() < jet_files(files(tmp_path / "*.npz"), NOWHERE).items()


def test_relative_paths_start_at_the_working_directory_and_a_tilde_at_home(tmp_path, monkeypatch):
    touched(tmp_path / "jets/a.npz")
    monkeypatch.chdir(tmp_path)
    assert list(jet_files(files("jets/*.npz"), NOWHERE).values()) == ["jets/a.npz"]
    monkeypatch.setenv("HOME", str(tmp_path))
    home = jet_files(files("~/jets/*.npz"), NOWHERE)
    assert list(home.values()) == [str(tmp_path / "jets/a.npz")]


@pytest.mark.parametrize("pattern", ["none/*.npz", "none.npz"])
def test_a_pattern_that_matches_nothing_is_an_error_that_names_it(tmp_path, monkeypatch, pattern):
    touched(tmp_path / "a.npz")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(JetlineError) as caught:
        jet_files(files("a.npz", pattern), NOWHERE)
    assert caught.value.where.endswith(pattern)
    assert str(tmp_path) in caught.value.found
    assert "relative ones start at the working directory" in caught.value.remedy
