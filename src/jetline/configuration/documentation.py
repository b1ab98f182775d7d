"""Generate the configuration's tables and its JSON schema from its settings."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from jetline.configuration.schema import Configuration
from jetline.configuration.split import NamedSplit, Split
from jetline.core.files import write_text
from jetline.explanation.settings import Explain
from jetline.inputs.augmentation import AUGMENTATION_STEPS
from jetline.inputs.kinds.images.built_in import DESCRIPTIONS
from jetline.inputs.kinds.images.recipe import GROUPS, ImageChannel, ImageRecipe
from jetline.inputs.kinds.observables import COLUMNS
from jetline.jets.layouts.layout import ColumnNames, IndexTable
from jetline.jets.layouts.own import OwnLayout
from jetline.models import names, settings_class
from jetline.models.architecture import Architecture
from jetline.models.generative import GENERATIVE_MODELS
from jetline.models.starting_point import StartFrom
from jetline.models.training_recipe import TrainingRecipe
from jetline.observables.table import OBSERVABLES
from jetline.scans.settings import Grid, Range, Study
from jetline.sources import SOURCES

if TYPE_CHECKING:
    from pathlib import Path

_INTRODUCTION = """# Configuration

This page is generated from the settings in `src/jetline`; after a change there, `make docs` writes
it again. `config.schema.json` beside it lets an editor complete and check these files: put
`# yaml-language-server: $schema=config.schema.json` in the first line.

A configuration file is complete in itself: `snakemake --cores 2 --configfile mine.yaml`. `--config`
overrides single keys, for example `--config seed=2`. An unknown key or a wrong value stops
Snakemake before anything runs, with a message that says what to write instead.
"""


_EXAMPLE = """For example, images of which particles carry the transverse momentum, on a coarser
grid, each jet rotated and flipped, in half the space on disk:

```yaml
recipes:
  carriers:
    pixels: 25
    rotate: true
    flip: true
    channels:
      - {species: charged_hadrons, weight: pt}
      - {species: neutral_hadrons, weight: pt}
      - {species: photons, weight: pt}
    dtype: float16
architectures:
  cnn-carriers: {architecture: cnn, inputs: images/carriers}
```

The shards of a recipe lie in a folder named by a hash of its settings: jets are imaged again after
a change of a setting, and not for a second run with the same settings. A charge or a type of
particle in any channel makes the images' identity class *experimental*, a single species *full*;
the report groups by it.
"""


_OBSERVABLES = """With `inputs: observables` these observables of each jet are measured, into one
Parquet table for each jet file. Constituents are taken as massless, `z` is a constituent's share of
the scalar sum of pT, `dR` its distance in rapidity and azimuth from the axis of the jet's
four-vector, or from another one. Reclustering is by the E scheme and without a beam. With too few
constituents an observable is 0: tau_N up to N of them, C2 and D2 up to two, all but multiplicity,
pTD, z_max and N95 with one.
"""


_AUGMENTATION = """A list of steps that change the jets of each training batch, in their order, by
random numbers that depend on the training's seed, the epoch and the number of the batch alone.
Statistics, validation and test jets never see them. For example

```yaml
architectures:
  pfn:
    training:
      augmentation:
        - {step: rotate}
        - {step: reflect}
        - {step: smear, pt: 0.02, angle: 0.005}
```

Constituents are sorted by falling pT after each step, and a jet keeps one at least; an architecture
that is given the hardest alone is given the hardest of the changed jet. An image that its recipe
normalises by itself has the same sum afterwards. Observables take no step. A step that the inputs
cannot take is refused when Snakemake starts.
"""


_PRE_SPLIT = """For example one dataset of three files:

```yaml
datasets:
  jets: {source: files, paths: [train.npz, val.npz, test.npz]}
train_on: jets
test_on: [jets]
split: {by: name, train: [train.npz], validation: [val.npz], test: [test.npz]}
```

and three datasets:

```yaml
datasets:
  training: {source: files, paths: [train/*.npz]}
  validation: {source: files, paths: [val/*.npz]}
  testing: {source: files, paths: [test/*.npz]}
train_on: training
test_on: [testing]
split: {by: name, train: [training], validation: [validation], test: [testing]}
```

Every file of `train_on` and `test_on` must be in exactly one part.
"""


def write_documentation(folder: Path) -> None:
    """Write ``README.md`` and ``config.schema.json`` into `folder`."""
    write_text(folder / "README.md", documentation())
    write_text(folder / "config.schema.json", json.dumps(schema(), indent=1) + "\n")


def documentation() -> str:
    """Return the tables of all keys, as Markdown."""
    parts = [_INTRODUCTION, "## Top level\n", _table(Configuration)]
    parts += ["## `split`\n", _text(Split) + "\n", _table(Split)]
    parts += ["### `by: name`\n", _text(NamedSplit) + "\n", _table(NamedSplit), _PRE_SPLIT]
    parts.append("## `datasets`\n")
    parts.append(
        "Each entry has a name of your choice and a `source`, which decides the other keys:\n"
    )
    for name, source in SOURCES.items():
        parts += [f"### `source: {name}`\n", _text(source) + "\n", _table(source)]
    parts += ["### `layout`\n", _text(OwnLayout) + "\n", _table(OwnLayout)]
    parts += ["#### `columns`\n", _text(ColumnNames) + "\n", _table(ColumnNames)]
    parts += ["#### `index`\n", _text(IndexTable) + "\n", _table(IndexTable)]
    parts += ["## `architectures`\n"]
    parts.append(
        "Each entry has a name of your choice; `architecture` may be left out where it is that.\n"
    )
    for name in names():
        settings = settings_class(name)
        parts += [f"### `{name}`\n", _text(settings) + "\n", _table(settings)]
    parts += ["## `generative`\n"]
    parts.append("Each entry has a name of your choice, and keys as under `architectures`.\n")
    for name, settings in GENERATIVE_MODELS.items():
        parts += [f"### `{name}`\n", _text(settings) + "\n", _table(settings)]
    parts += ["## `explain`\n", _text(Explain) + "\n", _table(Explain)]
    return "\n".join([*parts, *_training(), *_scans(), *_observables(), *_recipes()])


def _training() -> list[str]:
    parts = ["## `training`\n", _text(TrainingRecipe) + "\n", _table(TrainingRecipe)]
    parts += ["### `augmentation`\n", _AUGMENTATION]
    for name, step in AUGMENTATION_STEPS.items():
        parts += [f"#### `step: {name}`\n", _text(step) + "\n", _table(step)]
    return [*parts, "## `start_from`\n", _text(StartFrom) + "\n", _table(StartFrom)]


def _scans() -> list[str]:
    parts = ["## `scan`\n", _text(Grid) + "\n", _table(Grid)]
    parts += ["### By Optuna\n", _text(Study) + "\n", _table(Study)]
    return [*parts, "A range:\n", _table(Range)]


def _observables() -> list[str]:
    return [
        "## Observables\n",
        _OBSERVABLES,
        "| `observables` | what |\n|---|---|",
        *(
            f"| `{name}` | {one.definition}{f' [{one.unit}]' if one.unit else ''} |"
            for name in COLUMNS
            for one in [OBSERVABLES[name]]
        ),
        "",
    ]


def _recipes() -> list[str]:
    rows = [f"| `images/{name}` | {text} |" for name, text in DESCRIPTIONS.items()]
    ids = [f"| `{name}` | {', '.join(map(str, members))} |" for name, members in GROUPS.items()]
    return [
        "## `recipes`\n",
        _text(ImageRecipe) + "\n",
        "These are built in; an entry under `recipes` adds one, under a name of your choice:\n",
        "| `inputs` | what |\n|---|---|",
        *rows,
        "",
        _table(ImageRecipe),
        "### `channels`\n",
        _table(ImageChannel),
        "| `species` | PDG ids |\n|---|---|",
        *ids,
        "",
        _EXAMPLE,
    ]


def _text(model: type[BaseModel]) -> str:
    """Return a class's docstring without its indentation."""
    return inspect.cleandoc(model.__doc__ or "")


def _table(model: type[BaseModel]) -> str:
    schema = model.model_json_schema()
    # A word may stand in place of the keys.
    schema = next((form for form in schema.get("anyOf", ()) if "properties" in form), schema)
    rows = ["| key | default | what |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        limits = _limits(schema["properties"][name])
        # `architecture` is described once for all.
        described = field.description or Architecture.model_fields[name].description or ""
        text = described.replace("|", "\\|")
        rows.append(f"| `{name}` | {_default(field.default)} | {text}{limits} |")
    return "\n".join(rows) + "\n"


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, BaseModel):
        return "see below"
    return f"`{json.dumps(value, default=BaseModel.model_dump)}`"


def _limits(schema: dict[str, Any]) -> str:
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
        "multipleOf": "a multiple of",
    }
    limits = [f"{word} {schema[key]:,}" for key, word in words.items() if key in schema]
    if "enum" in schema:
        limits.append("one of " + ", ".join(f"`{choice}`" for choice in schema["enum"]))
    return f" ({', '.join(limits)})" if limits else ""


def schema() -> dict[str, Any]:
    """Return the JSON schema of a configuration file, every architecture's settings included."""
    result = Configuration.model_json_schema()
    sections = ("recipes", "datasets", "architectures", "generative")
    for entries in (result["properties"][section] for section in sections):
        # pydantic gives what an entry may be by a pattern of its name, and lets other names pass.
        ((pattern, entry),) = entries.pop("patternProperties").items()
        entries["propertyNames"]["pattern"] = pattern
        entries["additionalProperties"] = entry
    result["$defs"].pop("Architecture")
    forms = [form.model_json_schema() for form in (Grid, Study)]
    result["$defs"] |= forms[1].pop("$defs")
    result["$defs"]["Scan"] = {"anyOf": forms}
    for section, kinds in (("architectures", names()), ("generative", GENERATIVE_MODELS)):
        _add_forms(result, section, list(kinds))
    return result


def _add_forms(result: dict[str, Any], section: str, kinds: list[str]) -> None:
    """Say in the schema what an entry may be that is trained, by the name of its architecture."""
    implied, told = {}, {}
    for name in kinds:
        settings = settings_class(name).model_json_schema()
        settings.pop("title")
        scan = {"$ref": "#/$defs/Scan"}
        settings["properties"]["scan"] |= {"anyOf": [scan, {"type": "null"}]}
        result["$defs"] |= settings.pop("$defs", {})
        result["$defs"][f"architecture-{name}"] = settings
        implied[name] = {"$ref": f"#/$defs/architecture-{name}"}
        told[name] = implied[name] | {"required": ["architecture"]}
    entries = result["properties"][section]
    # An entry of an architecture's name need not tell which it is; one of another name must.
    entries["additionalProperties"] = {"anyOf": list(told.values())}
    entries["properties"] = {
        name: {"anyOf": list((told | {name: implied[name]}).values())} for name in kinds
    }
