"""The configuration's table and schema are generated from its settings and agree with the code."""

import copy
import json
import re
import shutil
from typing import Any

import jsonschema
import pytest
import yaml

from jetline.configuration.documentation import documentation, schema, write_documentation
from jetline.configuration.named_parts import named_parts
from jetline.configuration.reading import read_configuration
from jetline.configuration.schema import Configuration
from jetline.configuration.split import NamedSplit, Split
from jetline.core.errors import JetlineError
from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.recipe import GROUPS, ImageChannel, ImageRecipe
from jetline.inputs.kinds.observables import COLUMNS
from jetline.models import names, settings_class
from jetline.models.training_recipe import TrainingRecipe
from jetline.sources import SOURCES


@pytest.fixture(scope="module")
def default(root) -> dict[str, Any]:
    return yaml.safe_load((root / "config/config.yaml").read_text())


@pytest.mark.parametrize("name", ["README.md", "config.schema.json"])
def test_the_shipped_documentation_is_what_the_settings_say(root, tmp_path, name):
    write_documentation(tmp_path)
    same = (root / "config" / name).read_text() == (tmp_path / name).read_text()
    assert same, f"config/{name} does not follow the settings any more: run `make docs`"


def test_writing_the_documentation_touches_no_configuration(root, tmp_path):
    folder = tmp_path / "config"
    shutil.copytree(root / "config", folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_documentation(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_every_key_is_in_the_table_with_a_description():
    rows = [line for line in documentation().splitlines() if line.startswith("| `")]
    assert all(len(cell.strip()) > 1 for row in rows for cell in row.split(" | "))
    keys = {row.split("`")[1] for row in rows}
    for name in names():
        assert f"### `{name}`" in documentation()
        assert keys >= set(settings_class(name).model_fields)
    assert keys >= {"run", "train_on", "validation", "source", "jets_per_file", "paths"}
    assert keys >= {f"images/{recipe}" for recipe in RECIPES}
    assert keys >= {*ImageRecipe.model_fields, *ImageChannel.model_fields, *GROUPS}
    assert keys >= set(COLUMNS)
    assert keys >= set(TrainingRecipe.model_fields)
    for name, step in AUGMENTATION_STEPS.items():
        assert f"#### `step: {name}`" in documentation()
        assert keys >= set(step.model_fields)


@pytest.mark.parametrize(
    "settings",
    [Configuration, Split, NamedSplit, *SOURCES.values(), *AUGMENTATION_STEPS.values()],
    ids=lambda settings: settings.__name__,
)
def test_a_description_is_read_without_its_key(settings):
    # Such as "of the anti-kT jets" or "before hadronisation".
    needs_a_subject = {"of", "for", "in", "on", "before", "after", "without", "with", "where", "by"}
    for name, field in settings.model_fields.items():
        assert len(field.description.split()) > 2, name
        assert field.description.split()[0] not in needs_a_subject, name


def examples(text: str) -> list[dict[str, Any]]:
    return [yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]


def test_the_example_of_a_recipe_is_a_right_one(default):
    *_, example = examples(documentation())
    configuration = read_configuration(default | example)
    assert configuration.recipes["carriers"].identity == "experimental"


def test_the_example_of_augmentation_is_right(default):
    (example,) = (one for one in examples(documentation()) if "pfn" in one.get("architectures", ""))
    configuration = read_configuration(default | example)
    steps = configuration.architectures["pfn"].training.augmentation
    assert [step.step for step in steps] == ["rotate", "reflect", "smear"]
    assert accepted_by_schema(default | example)


def test_the_examples_of_a_split_sample_give_each_file_its_part(default, root):
    readme = [one for one in examples((root / "README.md").read_text()) if "split" in one]
    one, three, *others = examples(documentation())
    assert not any("split" in other for other in others)
    assert len(readme) == 1
    for example in (one, three, *readme):
        configuration = read_configuration(default | example)
        files = {
            name: {path: path.replace("*", "a") for path in source.paths}
            for name, source in configuration.datasets.items()
        }
        parts = named_parts(configuration, files)
        assert list(parts.values()) == ["train", "validation", "test"]
        assert accepted_by_schema(default | example)


# The schema


def accepted_by_schema(values: dict[str, Any]) -> bool:
    return jsonschema.Draft202012Validator(schema()).is_valid(values)


def accepted_by_program(values: dict[str, Any]) -> bool:
    try:
        read_configuration(copy.deepcopy(values))
    except JetlineError:
        return False
    return True


def test_the_schema_is_a_schema_and_json():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(json.dumps(schema())) == schema()


def test_the_schema_refers_to_nothing_that_it_lacks():
    text = json.dumps(schema())
    references = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert references == set(schema()["$defs"])


def test_the_schema_accepts_every_configuration_file_that_is_shipped(root):
    for path in (root / "config").glob("*.yaml"):
        jsonschema.Draft202012Validator(schema()).validate(yaml.safe_load(path.read_text()))


RIGHT = [
    {},
    {"architectures": {"pfn": {}}},
    {"architectures": {"small": {"architecture": "pfn", "phi": [10], "identity": "none"}}},
    {"architectures": {"cnn": {"architecture": "pfn", "identity": "full"}}},
    {"architectures": {"a": {"architecture": "pfn"}, "b": {"architecture": "cnn"}}},
    {"architectures": {"observables": {"observables": ["mass", "d2"], "leaves": 4}}},
    {"architectures": {"pfn": {"training": "published"}}},
    {"architectures": {"pfn": {"training": {"augmentation": [{"step": "drop", "z": 0.1}]}}}},
    {"datasets": {"demo": {"source": "files", "paths": ["jets/*.npz"]}}},
    {"datasets": {"demo": {"source": "sample"}, "mine": {"source": "pythia", "files": 2}}},
    {"datasets": {"demo": {"source": "zenodo", "sample": "herwig-withbc"}}},
    {"datasets": {"demo": {"source": "zenodo", "sample": "pythia", "files": 1, "mirrors": ["a"]}}},
    {"split": {"by": "file"}, "device": "cpu"},
    {"split": {"duplicates": "drop"}},
    {"split": {"by": "name", "train": ["a.npz"], "validation": ["b*"], "test": ["demo"]}},
    {"recipes": {"mine": {}}},
    {"recipes": {"mine": {"pixels": 16, "rapidity": [-1, 1], "rotate": True}}},
    {"recipes": {"mine": {"channels": [{"species": "photons"}, {"weight": "count"}]}}},
]

WRONG = [
    {"epochs": 3},
    {"run": "my run"},
    {"run": 3},
    {"seed": -1},
    {"seeds": []},
    {"seeds": 1},
    {"test_on": "demo"},
    {"device": "cuda"},
    {"recipes": {"mine": None}},
    {"recipes": {"mine": {"pixels": 0}}},
    {"recipes": {"mine": {"pixel": 16}}},
    {"recipes": {"mine": {"rapidity": [1]}}},
    {"recipes": {"mine": {"dtype": "float64"}}},
    {"recipes": {"mine": {"channels": []}}},
    {"recipes": {"mine": {"channels": [{"species": "jets"}]}}},
    {"recipes": {"my recipe": {}}},
    {"split": {"trian": 0.8}},
    {"split": {"train": 1.5}},
    {"split": {"by": "jets"}},
    {"split": {"by": "name"}},
    {"split": {"by": "name", "train": 0.8, "validation": 0.1, "test": 0.1}},
    {"split": {"by": "name", "train": [], "validation": ["b.npz"], "test": ["c.npz"]}},
    {"split": {"by": "file", "train": ["a"], "validation": ["b"], "test": ["c"]}},
    {"split": {"train": ["a"], "validation": ["b"], "test": ["c"]}},
    {"datasets": {}},
    {"datasets": {"demo": {}}},
    {"datasets": {"demo": {"source": "smaple"}}},
    {"datasets": {"demo": {"source": "sample", "files": 3}}},
    {"datasets": {"demo": {"source": "files"}}},
    {"datasets": {"demo": {"source": "zenodo"}}},
    {"datasets": {"demo": {"source": "zenodo", "sample": "withbc"}}},
    {"datasets": {"demo": {"source": "zenodo", "sample": ["pythia", "pythia-withbc"]}}},
    {"datasets": {"demo": {"source": "zenodo", "sample": "pythia", "files": 21}}},
    {"datasets": {"demo": {"source": "zenodo", "sample": "pythia", "mirrors": "/data"}}},
    {"datasets": {"demo": {"source": "pythia", "jets_per_file": 4999}}},
    {
        "classes": ["w", "z", "top"],
        "datasets": {
            "demo": {"source": "pythia", "classes": ["w", "z", "top"], "jets_per_file": 500}
        },
    },
    {"datasets": {"demo": {"source": "sample"}, "my jets": {"source": "sample"}}},
    {"architectures": {}},
    {"architectures": {"pfn": {"idenity": "full"}}},
    {"architectures": {"pfn": {"identity": "ful"}}},
    {"architectures": {"pfn": {"dropout": 0.5}}},
    {"architectures": {"observables": {"observables": ["mas"]}}},
    {"architectures": {"observables": {"observables": []}}},
    {"architectures": {"pfn": None}},
    {"architectures": {"small": {}}},
    {"architectures": {"small": {"identity": "full"}}},
    {"architectures": {"small": {"architecture": "pnf"}}},
    {"architectures": {"my pfn": {"architecture": "pfn"}}},
    {"architectures": {"pfn": {"training": {"optimiser": "sgd"}}}},
    {"architectures": {"pfn": {"training": {"augmentation": {"step": "drop"}}}}},
    {"architectures": {"pfn": {"training": {"augmentation": [{"step": "turn"}]}}}},
    {"architectures": {"pfn": {"training": {"augmentation": [{"step": "drop", "z": 2}]}}}},
    {"architectures": {"pfn": {"training": {"augmentation": [{"step": "drop", "angle": 2}]}}}},
]


@pytest.mark.parametrize("changed", RIGHT, ids=str)
def test_what_is_right_is_accepted_by_schema_and_program(default, changed):
    assert accepted_by_program(default | changed)
    assert accepted_by_schema(default | changed)


@pytest.mark.parametrize("changed", WRONG, ids=str)
def test_what_is_wrong_is_refused_by_schema_and_program(default, changed):
    assert not accepted_by_program(default | changed)
    assert not accepted_by_schema(default | changed)


@pytest.mark.parametrize("key", ["run", "datasets", "train_on", "test_on", "architectures"])
def test_a_missing_key_is_refused_by_schema_and_program(default, key):
    rest = {name: value for name, value in default.items() if name != key}
    assert not accepted_by_program(rest)
    assert not accepted_by_schema(rest)
