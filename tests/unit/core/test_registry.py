"""Registries find their members by name, and import each only when it is asked for."""

from __future__ import annotations

import importlib
import sys

import pytest

from jetline.core.errors import JetlineError

BASE = "class Shape:\n    sides = 0\n"
SQUARE = "from shapes.shape import Shape\n\nclass Square(Shape):\n    sides = 4\n"
LONG = "from shapes.square import Square\n\nclass Long(Square): ...\n"
INIT = (
    "from jetline.core.registry import Registry\nfrom shapes.shape import Shape\n"
    "SHAPES = Registry(__name__, Shape, 'shape', without=('drawing',))\n"
)


@pytest.fixture
def shapes(tmp_path, monkeypatch):
    """A registry of shapes in a package of its own."""
    package = tmp_path / "shapes"
    (package / "round").mkdir(parents=True)
    (package / "round/__init__.py").touch()
    (package / "round/shape.py").write_text(SQUARE.replace("Square", "Round"))
    for name, text in {
        "__init__": INIT,
        "shape": BASE,
        "square": SQUARE,
        "long_square": LONG,
        "drawing": "raise ImportError",
        "broken": "raise ImportError('only when asked for')",
    }.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("shapes").SHAPES
    for name in [name for name in sys.modules if name.split(".")[0] == "shapes"]:
        del sys.modules[name]


def test_members_are_the_modules_but_for_the_base_and_what_is_left_out(shapes):
    assert list(shapes) == ["broken", "long-square", "round", "square"]
    assert len(shapes) == 4


def test_listing_and_asking_for_one_imports_no_other(shapes):
    assert "broken" in shapes
    assert shapes["square"].sides == 4
    assert "shapes.broken" not in sys.modules


def test_a_member_is_what_its_module_defines_not_what_it_imports(shapes):
    assert shapes["long-square"].__name__ == "Long"


def test_a_member_that_is_a_package_lies_in_the_module_of_the_bases_name(shapes):
    assert shapes.module("round") == "shapes.round.shape"
    assert shapes["round"].__name__ == "Round"


def test_an_unknown_name_is_answered_with_the_nearest(shapes):
    with pytest.raises(JetlineError, match=r"did you mean square\?"):
        shapes["squre"]


def test_names_that_are_columns_of_tables_keep_their_underscores(shapes):
    from jetline.core.registry import Registry

    columns = Registry("shapes", object, "shape", without=("shape", "drawing"), hyphens=False)
    assert "long_square" in list(columns)
    assert columns.module("long_square") == "shapes.long_square"
