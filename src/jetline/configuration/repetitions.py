"""Find keys that stand twice in a YAML file, of which readers of YAML keep only the last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from jetline.core.errors import JetlineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def require_single_keys(paths: Iterable[str | Path]) -> None:
    """Make sure that no key stands twice in one of the files that Snakemake has read.

    Two files may both set a key: the later one overrides it. What cannot be read again, such as a
    pipe, is let pass; so is what is no YAML, which Snakemake has refused by itself.

    Raises
    ------
    JetlineError
        Tells every such key with all its lines.
    """
    errors = []
    for path in map(Path, paths):
        if path.is_file():
            errors += repetitions(path, path.read_text(encoding="utf-8"))
    if errors:
        first, *first.others = errors
        raise first


def require_single_overrides(arguments: Sequence[str]) -> None:
    """Make sure that no key stands twice behind Snakemake's `--config`, which keeps the last.

    Parameters
    ----------
    arguments : sequence of str
        Of the command, as in `sys.argv`.

    Raises
    ------
    JetlineError
        If one does.
    """
    given: dict[str, list[str]] = {}
    among = False
    for word in arguments:
        if word.startswith("-"):
            among = word in ("--config", "-C")
        elif among:
            given.setdefault(word.partition("=")[0], []).append(word)
    for key, words in given.items():
        if len(words) > 1:
            raise JetlineError(
                f"--config {' '.join(words)}",
                found=f"{key} {len(words)} times",
                expected="each key once",
                remedy="leave out all but one",
            )


def repetitions(path: Path, text: str) -> list[JetlineError]:
    """List the keys that stand twice in a mapping, as errors.

    A key that overrides one which a merge (`<<`) brings in is no repetition, and neither are two
    merges.

    Parameters
    ----------
    path : Path
        The file's name in the errors.
    text : str
        Its content, YAML or JSON.
    """
    # JSON may be indented by tabs, which never stand in its strings; YAML may not.
    loader = yaml.SafeLoader(text.replace("\t", " ") if text.lstrip().startswith("{") else text)
    try:
        root = loader.get_single_node()
        found = list(_repeated(loader, root, (), set())) if root else []
    except yaml.YAMLError:
        return []
    finally:
        loader.dispose()
    return [_explain(path, key, lines) for key, lines in found]


def _repeated(
    loader: yaml.SafeLoader, node: yaml.Node, place: tuple[str, ...], seen: set[int]
) -> Iterator[tuple[tuple[str, ...], list[int]]]:
    """Give each repeated key below a node, and its lines."""
    if id(node) in seen:  # an alias: its mapping is told where it is written
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, entry in enumerate(node.value):
            yield from _repeated(loader, entry, (*place, str(index)), seen)
    elif isinstance(node, yaml.MappingNode):
        lines: dict[Any, list[int]] = {}
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and not key.tag.endswith(":merge"):
                written = lines.setdefault(loader.construct_object(key), [])
                written.append(key.start_mark.line + 1)
                if len(written) == 2:
                    yield (*place, key.value), written
                yield from _repeated(loader, value, (*place, key.value), seen)
            else:
                yield from _repeated(loader, value, place, seen)


def _explain(path: Path, key: tuple[str, ...], lines: list[int]) -> JetlineError:
    *first, last = map(str, lines)
    times = "twice" if len(lines) == 2 else f"{len(lines)} times"
    return JetlineError(
        f"{path}, {'.'.join(key)}",
        found=f"the key stands {times}, in lines {', '.join(first)} and {last}",
        expected="each key once; of several, YAML keeps only the last, without a word",
        remedy=f"remove one of them, or write what both say under one {key[-1]}",
    )
