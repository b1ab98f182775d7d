"""Load a model that a stranger may have sent: what it says is checked before Keras reads it.

Keras' safe mode refuses lambdas. Beyond it, here only layers are let in that compute from their
inputs and weights alone, and an archive or a network that would fill the memory is refused.
"""

from __future__ import annotations

import json
import stat
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Members of an archive that Keras saves, with their largest sizes in bytes.
_MEMBERS = {"metadata.json": 2**16, "config.json": 2**24, "model.weights.h5": 2**31}

#: Of a network; the largest of ours has 2,142,360.
_MOST_PARAMETERS = 100_000_000

#: Of nested lists and dictionaries in a network's description; ours have 11.
_DEEPEST = 40

_FUNCTIONS = ("keras.activations", "keras.constraints", "keras.initializers", "keras.regularizers")
_OPERATIONS = ("keras.src.ops.math", "keras.src.ops.nn", "keras.src.ops.numpy")
_VALUES = ("__keras_tensor__", "__slice__", "__ellipsis__", "__numpy__", "__tensor__", "__bytes__")

#: Layers of Keras' that run functions or programs of others, or read files.
_REFUSED_LAYERS = (
    "FlaxLayer",
    "IntegerLookup",
    "JaxLayer",
    "Lambda",
    "StringLookup",
    "TFSMLayer",
    "TextVectorization",
    "TorchModuleWrapper",
)

#: What Keras, HDF5 and zipfile raise of a file that is none of a model.
_DAMAGE = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class Refused(Exception):
    """A file holds no model that may be loaded; the text says why."""


def load_safely(path: Path) -> keras.Model:
    """Load a model, uncompiled; layers of ours have to be registered.

    Raises
    ------
    Refused
        If the file holds no model, or more than a model of known layers and bounded size.
    """
    try:
        description = _description(path)
        _check(json.loads(description))
        # Without memory for its weights, because a few digits can ask for any amount.
        with keras.StatelessScope(initialize_variables=False):
            planned = keras.models.model_from_json(description)
        if planned.count_params() > _MOST_PARAMETERS:
            raise Refused(
                f"a network of {planned.count_params():,} parameters, more than the "
                f"{_MOST_PARAMETERS:,} that are loaded"
            )
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except _DAMAGE as error:
        told = str(error).splitlines()
        raise Refused(f"no readable model ({told[0] if told else type(error).__name__})") from None


def _description(path: Path) -> str:
    """Read what describes the network; check the archive's members by its directory."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        for member in members:
            most = _MEMBERS.get(member.filename)
            if most is None or names.count(member.filename) > 1 or _is_link(member):
                raise Refused(f"a member that no model of ours has ({member.filename!r})")
            if member.file_size > most or member.file_size != member.compress_size:
                raise Refused(
                    f"{member.filename} of {member.file_size:,} bytes, stored in "
                    f"{member.compress_size:,}; Keras stores as many, at most {most:,}"
                )
        content = json.loads(archive.read("config.json"))
    # Keras does not look at it without compiling; it may name an optimiser or a loss.
    content.pop("compile_config", None)
    return json.dumps(content)


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)


def _check(description: Any) -> None:
    """Refuse a description that names anything but known layers and plain values."""
    for entry in _dictionaries(description, 0):
        if "class_name" not in entry:
            continue
        name, module = entry["class_name"], entry.get("module")
        registered = entry.get("registered_name") or name
        if not _is_known(name, module, registered):
            raise Refused(f"a layer or function that no network of ours has ({module}, {name})")


def _is_known(name: Any, module: Any, registered: Any) -> bool:
    """Tell whether Keras finds under these names a layer or a function of Keras' or of ours."""
    # Keras looks at these names first, whatever stands beside them.
    if not isinstance(name, str) or name == "function" or name.startswith("__"):
        return name in _VALUES and module is None
    if registered == f"jetline>{name}":
        return keras.saving.get_registered_object(registered) is not None
    if registered != name:
        return False
    if module == "keras.layers":
        return name not in _REFUSED_LAYERS
    return (
        module in _FUNCTIONS
        or module in _OPERATIONS
        or (module, name)
        in {("keras", "DTypePolicy"), ("keras.src.models.functional", "Functional")}
    )


def _dictionaries(content: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Give every dictionary in nested lists and dictionaries."""
    if depth > _DEEPEST:
        raise Refused(f"a description nested more than {_DEEPEST} deep")
    if isinstance(content, dict):
        yield content
        content = list(content.values())
    if isinstance(content, list):
        for part in content:
            yield from _dictionaries(part, depth + 1)
