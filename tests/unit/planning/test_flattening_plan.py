"""What a split with `flatten` has its version of code follow."""

from __future__ import annotations

from types import SimpleNamespace

from jetline.configuration.reading import read_configuration
from jetline.planning.arguments import Arguments
from jetline.planning.code_version import dependencies
from jetline.planning.plan import Plan

DATASETS = {"demo": {"source": "sample"}, "made": {"source": "pythia", "files": 2}}


def followed(root, **settings) -> dict[str, bool]:
    """Tell for each dataset whether its split follows the code that measures jets."""
    configuration = read_configuration(
        {
            "run": "flat",
            "datasets": DATASETS,
            "train_on": "made",
            "test_on": ["made", "demo"],
            "architectures": {"cnn": {}},
            **settings,
        }
    )
    told = Arguments(Plan(configuration, root / "resources/sample"))
    told._code_version = lambda *modules: "observables.simple" in dependencies(*modules)
    return {name: told.split_code(SimpleNamespace(dataset=name)) for name in DATASETS}


def test_a_split_follows_what_measures_jets_only_where_it_flattens(root):
    """Otherwise a change in one observable splits, and so trains, everything anew."""
    assert followed(root) == {"demo": False, "made": False}
    assert followed(root, flatten=["pt"]) == {"demo": False, "made": True}
