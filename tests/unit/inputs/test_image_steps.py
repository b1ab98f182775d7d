"""Image steps: one file each, compiled to what they say, and asked for by name."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from pydantic import ValidationError

from image_reference import as_written
from jetline.core.compiled import compiled
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.input_kind import Images
from jetline.inputs.kinds.images.recipe import ImageRecipe
from jetline.inputs.kinds.images.steps import IMAGE_STEPS
from jetline.jets.constituents import PHI, PT, RAPIDITY

PT_RECIPE = RECIPES["pt"]


@pytest.mark.parametrize("name", IMAGE_STEPS)
def test_a_compiled_step_does_what_it_does_as_python(jets, name):
    few = jets[0][:50].astype(np.float64)
    places = []
    for jet in few:
        real = jet[jet[:, PT] > 0]
        y, phi = real[:, RAPIDITY], real[:, PHI]
        hardest = real[:, PT].argmax()
        places.append(as_written(IMAGE_STEPS[name], real, y - y[hardest], phi - phi[hardest]))
    multiplicities = np.count_nonzero(few[..., PT] > 0, axis=1)
    moved = np.zeros((2, *few.shape[:2]))
    for jet, n in enumerate(multiplicities):
        hardest = few[jet, :, PT].argmax()
        moved[0, jet, :n] = few[jet, :n, RAPIDITY] - few[jet, hardest, RAPIDITY]
        moved[1, jet, :n] = few[jet, :n, PHI] - few[jet, hardest, PHI]
    compiled(IMAGE_STEPS[name].move)(few, multiplicities, *moved)
    for jet, (n, (y, phi)) in enumerate(zip(multiplicities, places, strict=True)):
        np.testing.assert_array_equal(moved[0, jet, :n], y)
        np.testing.assert_array_equal(moved[1, jet, :n], phi)


@pytest.mark.parametrize("name", IMAGE_STEPS)
def test_a_step_needs_a_centre(name):
    for centring in ("none", "pixel"):
        with pytest.raises(ValidationError, match="or centring on the centroid"):
            ImageRecipe(**{"centring": centring, name.replace("-", "_"): True})


def test_steps_are_taken_in_their_order():
    assert list(ImageRecipe(flip=True, rotate=True).steps) == ["rotate", "flip"]


def test_a_step_that_is_asked_for_alone_decides_the_version_of_the_images():
    plain, rotated = Images("pt", PT_RECIPE), Images("mine", ImageRecipe(rotate=True))
    assert set(rotated.modules) - set(plain.modules) == {"inputs.kinds.images.steps.rotate"}


NEW_STEP = '''
class Swap(ImageStep):
    """Swap rapidity and azimuth."""

    order = 3
    description = "swap rapidity and azimuth"

    @staticmethod
    def move(constituents, multiplicities, y, phi):
        for jet in range(len(multiplicities)):
            for i in range(multiplicities[jet]):
                y[jet, i], phi[jet, i] = phi[jet, i], y[jet, i]
'''

USE_OF_A_NEW_STEP = """
import numpy as np
from jetline.core.files import short_hash
from jetline.inputs.kinds.images.built_in import RECIPES
from jetline.inputs.kinds.images.imaging import image_jets
from jetline.inputs.kinds.images.recipe import ImageRecipe

jet = np.array([[[10, 0.1, 3, 22], [5, 0.3, 3.1, 22]]])
swapped = image_jets(jet, ImageRecipe(swap=True))
assert (swapped[0, :, :, 0] == image_jets(jet, ImageRecipe())[0, :, :, 0].T).all()
assert swapped.any()
print(short_hash(RECIPES["notebook"].model_dump(mode="json")))
"""


def test_a_new_step_is_one_file_and_moves_no_shards(tmp_path, root):
    package = shutil.copytree(root / "src/jetline", tmp_path / "jetline")
    step = package / "inputs/kinds/images/steps/swap.py"
    base = "from jetline.inputs.kinds.images.steps.image_step import ImageStep\n\n"
    step.write_text(base + NEW_STEP)
    run = subprocess.run(
        [sys.executable, "-c", USE_OF_A_NEW_STEP],
        env=os.environ | {"PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    # As ever: else all that was imaged without the step would be imaged anew.
    assert run.stdout == "63e31c3756\n"
