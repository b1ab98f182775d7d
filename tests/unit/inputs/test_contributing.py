"""Each example in CONTRIBUTING.md is one file that works when it is put in its place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from jetline.jets.formats.npz import write_jets

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = {
    "## Add an image step": "inputs/kinds/images/steps/point.py",
    "## Add a step of augmentation": "inputs/augmentation/scale.py",
    "## Add a kind of inputs": "inputs/kinds/spectrum.py",
    "## Add a jet file format": "jets/formats/lines.py",
}


@pytest.fixture(scope="module")
def package(root, tmp_path_factory) -> Path:
    """A folder with a copy of the package and the examples in it."""
    folder = tmp_path_factory.mktemp("contributed")
    text = (root / "CONTRIBUTING.md").read_text()
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "src/jetline", folder / "jetline", ignore=ignored)
    for heading, place in EXAMPLES.items():
        section = text[text.index(heading) :]
        example = re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]
        (folder / "jetline" / place).write_text(example)
    return folder


@pytest.fixture
def run(package, tmp_path):
    def run(code: str, *arguments: Path) -> str:
        """Run Python code with the extended package; its output."""
        cache = str(package / "cache")
        result = subprocess.run(
            [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
            env=os.environ | {"PYTHONPATH": str(package), "NUMBA_CACHE_DIR": cache},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    return run


STEP = """
import numpy as np
from jetline.inputs.kinds.images.imaging import image_jets
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.images.recipe import ImageRecipe
from jetline.inputs.kinds.images.steps import ordered_steps

assert list(ordered_steps()) == ["point", "rotate", "flip"]
# The second constituent lies above the first one, the third one to its right.
jet = np.array([[[10, 0, 3, 22], [2, 0.2, 3, 22], [5, 0, 3.2, 22]]])
recipe = ImageRecipe(centring="hardest", point=True)
image = image_jets(jet, recipe)[0, :, :, 0]
middle, aside = 16, 16 + 8
assert image[middle, middle] == np.float32(10 / 17)
assert image[aside, middle] == np.float32(5 / 17)
assert image[middle, middle - 8] == np.float32(2 / 17)
assert "inputs.kinds.images.steps.point" in Images("mine", recipe).modules
assert "point" in recipe.model_dump() and "point" not in ImageRecipe().model_dump()
print(Images("pt", ImageRecipe()).folder)
"""


def test_an_image_step_moves_jets_and_no_other_images(run):
    from jetline.inputs.kinds.images.input_kind import Images
    from jetline.inputs.kinds.images.recipe import ImageRecipe

    # The folder is that without the step, so that nothing is imaged anew.
    assert run(STEP).strip() == Images("pt", ImageRecipe()).folder


AUGMENTATION = """
import numpy as np
from jetline.configuration.documentation import documentation, schema
from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.inputs.augmenting import augmented_particles
from jetline.planning.code_version import code_version

def read(**entry):
    return read_configuration({
        "run": "mine", "datasets": {"jets": {"source": "sample"}}, "train_on": "jets",
        "test_on": ["jets"], "architectures": {"mine": entry},
    }).architectures["mine"]

def augmented(**strengths):
    return {"training": {"augmentation": [{"step": "scale", **strengths}]}}

network = read(architecture="pfn", **augmented(width=0.5))
assert network.modules[-1] == "inputs.augmentation.scale"
assert "#### `step: scale`" in documentation()
assert "Scale" in schema()["$defs"]
for entry in (
    {"architecture": "pfn", **augmented(width=2)},
    {"architecture": "resnet", "inputs": "images/pt", **augmented()},
):
    try:
        read(**entry)
    except JetlineError as error:
        assert error.where.startswith("configuration, architectures.mine.training.augmentation[0]")
    else:
        raise AssertionError(entry)
particles = np.array([[9, 0, 0, 22], [3, 0, 0, 22], [5, 0, 0, 22]], np.float32)
steps = network.training.augmentation
changed, counts = augmented_particles(steps, particles, np.array([2, 1]), np.random.default_rng(1))
factors = changed[:, 0] / particles[:, 0]
np.testing.assert_allclose(factors[0], factors[1], rtol=1e-6)
assert abs(factors[0] / factors[2] - 1) > 0.01
print(code_version("training.job", *read(architecture="pfn").modules))
"""


def test_a_step_of_augmentation_changes_jets_and_no_other_training(run):
    from jetline.models import read_settings
    from jetline.planning.code_version import code_version

    # The code is that without the step, so that nothing is trained anew.
    wanted = code_version("training.job", *read_settings("pfn", {}).modules)
    assert run(AUGMENTATION).strip() == wanted


KIND = """
import sys
from pathlib import Path
import numpy as np
from jetline.cli.main import main
from jetline.inputs.kinds import INPUT_KINDS
from jetline.inputs.making import choices
from jetline.inputs.shards import open_shard
from jetline.inputs.parts import Parts
from jetline.inputs.statistics import training_statistics

jets, shard = map(Path, sys.argv[1:])
assert set(choices({})) == {"observables", "particles", "pictures", "spectrum"}
assert INPUT_KINDS.module("spectrum") == "inputs.kinds.spectrum"
command = ["shard", "--inputs", "spectrum", "--output", str(shard), str(jets)]
assert main(command) == 0
opened = open_shard(shard)
assert opened.manifest.inputs == "spectrum"
assert opened.arrays["spectra"].shape == (4, 20)
assert opened.arrays["spectra"][3, :3].tolist() == [40, 2, 0]
parts = Parts(["jets"], [np.array([0, 0, 1, 1], np.uint8)], [opened.manifest.source.sha256])
print(training_statistics([shard], parts).inputs)
"""


def test_a_kind_of_inputs_has_shards_and_statistics(run, tmp_path):
    constituents = np.zeros((4, 3, 4), np.float32)
    constituents[:, 0, 0] = [10, 20, 30, 2]
    constituents[3, 1, 0] = 40
    constituents[..., 3] = np.where(constituents[..., 0] > 0, 22, 0)
    write_jets(tmp_path / "jets.npz", constituents, np.array([1, 0, 1, 0]))
    told = run(KIND, tmp_path / "jets.npz", tmp_path / "shard")
    assert told.strip() == "{'largest': 20.0, 'classes': ['gluon', 'quark']}"


FORMAT = """
import sys
from pathlib import Path
from jetline.core.errors import JetlineError
from jetline.jets.index import index_jets
from jetline.jets.reading import open_jets, read_jets

good, bad = map(Path, sys.argv[1:])
jets = read_jets(good)
assert jets.labels.tolist() == [1, 0]
assert jets.multiplicities.tolist() == [1, 2]
assert [len(block) for block in open_jets(good).blocks(1)] == [1, 1]
assert index_jets(good, "jets").multiplicities.tolist() == [1, 2]
try:
    read_jets(bad)
except JetlineError as error:
    print(error.where)
"""


def test_a_jet_file_format_is_read_and_validated_as_others_are(run, tmp_path):
    good, bad = tmp_path / "jets.txt", tmp_path / "jets.jsonl"
    good.write_text(
        '{"label": 1, "constituents": [[5.0, 0.1, 3.0, 22]]}\n'
        '{"label": 0, "constituents": [[5.0, 0.1, 3.0, 22], [4.0, 0.2, 3.0, 211]]}\n'
    )
    bad.write_text('{"label": 1, "constituents": [[5.0, 0.1, 3.0, 12]]}\n')
    # A neutrino reaches no detector.
    assert f"{bad}, array X, jet 0, constituent 0" in run(FORMAT, good, bad)
