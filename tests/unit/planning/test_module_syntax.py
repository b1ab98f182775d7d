"""What a module imports, and its decisive syntax, are kept between processes, while whole."""

from __future__ import annotations

import ast

import pytest

from jetline.planning import module_syntax as module

TEXT = '"""About."""\nfrom jetline.core import files\nimport ast\n\nVALUE = files.atomic\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where it is kept; nothing is known in this process yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    module.module_syntax.cache_clear()
    yield tmp_path / "jetline/syntax"
    module.module_syntax.cache_clear()


def anew(text):
    """As another process finds it."""
    module.module_syntax.cache_clear()
    return module.module_syntax(text)


def test_what_is_kept_is_what_was_found(folder, monkeypatch):
    found = module.module_syntax(TEXT)
    assert found.imports == ("jetline.core", "jetline.core.files", "ast")
    assert "About" not in found.decisive
    assert len([*folder.iterdir()]) == 1
    monkeypatch.setattr(module, "decisive", lambda tree: pytest.fail(ast.unparse(tree)))
    assert anew(TEXT) == found


def test_another_text_and_other_rules_have_files_of_their_own(folder, monkeypatch):
    first, second = module.module_syntax(TEXT), module.module_syntax(TEXT + "OTHER = 1\n")
    assert first.decisive != second.decisive
    monkeypatch.setattr(module, "_rules", lambda: "of another version of Python")
    assert anew(TEXT) == first
    assert len([*folder.iterdir()]) == 3


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"cut off", None])
def test_a_damaged_file_is_not_read(folder, content):
    found = module.module_syntax(TEXT)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-5] if content is None else content)
    assert anew(TEXT) == found
    assert path.read_bytes() == whole


def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    found = anew(TEXT)
    # As of a user without a home.
    monkeypatch.setenv("XDG_CACHE_HOME", "~/nobody")
    monkeypatch.chdir(tmp_path)
    assert anew(TEXT) == found
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
