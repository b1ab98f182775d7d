"""Measure everything that a GPU is for, on one of this machine's.

Training and inference of every network beside weaver-core's and EnergyFlow's, which are given the
same jets in the same batches, in each precision, plain and compiled; the feed alone; trainings that
share the card; seeds that train together; the demo's wall time beside the CPU's. Each form has a
process of its own and the card to itself; values are medians. What is not installed is left out,
and named.

After each measurement it writes a file of JSON, and beside it one of Markdown, tables for
docs/performance.md. Called again, it goes on where it ended: with --minutes it fits into calls of
any length. Exit status: 0 when all is measured, 3 when another call has to go on, 1 without a GPU
or after a mistake.

    make bench-gpu
    python benchmarks/gpu.py [--part networks] [--only pfn] [--precision bfloat16] [--minutes 9]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpu_setting import Setting

    from jetline.training.driver import Gpu

PRECISIONS = ("float32", "tf32", "bfloat16")
#: Parts that take long, and are measured only if they are named.
LADDERS = ("ladder", "large-ladder")
#: What even a part of it needs; one of the backends comes to these.
NEEDED = ("numpy", "pydantic", "xxhash", "zlib_ng", "keras")
#: Where `make bench-gpu` puts PyTorch: its CUDA is another one than that of JAX and TensorFlow.
TORCH = Path(__file__).parents[1] / ".venv-torch/bin/python"

#: What a test of the command on the CPU is called in place of a card.
UNMEASURED = "No GPU: a test of the command on the CPU, not a measurement"
#: The time is up.
GO_ON = 3


def read_arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = ("networks", "feed", "sharing", "seeds", "demo", *LADDERS)
    parser.add_argument(
        "--part", choices=parts, action="append", help="all but the ladders if left out"
    )
    parser.add_argument("--only", action="append", help="a network; several times for several")
    parser.add_argument("--precision", choices=PRECISIONS, action="append")
    parser.add_argument("--minutes", type=float, help="end after these, to be called again")
    parser.add_argument("--output", type=Path, default=Path("gpu.json"))
    parser.add_argument("--jets", type=int, default=16_384, help="in one turn")
    parser.add_argument("--batch", type=int, default=512, help="jets in one step")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--torch-python", default=str(TORCH) if TORCH.exists() else sys.executable, metavar="PYTHON"
    )
    # For the tests: everything runs, and nothing is measured by it.
    parser.add_argument("--device", choices=["gpu", "cpu"], default="gpu", help=argparse.SUPPRESS)
    return parser.parse_args(given)


def find_ourselves() -> None:
    """Use the package of this checkout where none is installed, in other processes too."""
    if find_spec("jetline") is None:
        sources = str(Path(__file__).parents[1] / "src")
        sys.path.append(sources)
        told = filter(None, [os.environ.get("PYTHONPATH"), sources])
        os.environ["PYTHONPATH"] = os.pathsep.join(told)


def find_gpu() -> tuple[Gpu, str]:
    """Give the first GPU of this machine that may be used, and the driver's version; or end."""
    from jetline.training.driver import ask_driver
    from jetline.training.gpu_slots import VISIBLE, visible

    driver = ask_driver()
    assigned = os.environ.get(VISIBLE)
    if not (usable := visible(driver.gpus, assigned)):
        hidden = f"{VISIBLE}={assigned} hides it" if driver.gpus else "nvidia-smi lists none"
        why = f"{driver.trouble}; to do: {driver.remedy}" if driver.trouble else hidden
        stop(f"there is no GPU here to measure on ({why}); nothing was measured")
    return usable[0], driver.version


def stop(message: str) -> None:
    """End with one line."""
    sys.exit(f"error: {message}")


def usable_backends(installed: Sequence[str]) -> tuple[str, ...]:
    """Choose the backends that can use the GPU, and print of each whether it can; or end."""
    from jetline.training.devices import find_devices

    usable = []
    for backend in installed:
        found = find_devices("auto", backend)
        print("\n".join(found.lines), flush=True)
        usable += [backend] if found.on_gpu else []
    if not usable:
        stop(f"a GPU is here, but {' and '.join(installed)} cannot use it; nothing was measured")
    return tuple(usable)


def main(given: Sequence[str] | None = None) -> int:
    """Measure, and give the exit status."""
    asked = read_arguments(given)
    find_ourselves()
    # Before anything that needs a package.
    gpu, driver = find_gpu() if asked.device == "gpu" else (None, "")
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        stop(f"not installed: {', '.join(missing)}; nothing was measured; to do: make bench-gpu")
    backends = tuple(name for name in ("jax", "tensorflow") if find_spec(name))
    if not backends:
        stop("neither jax nor tensorflow is installed; nothing was measured; to do: make bench-gpu")
    for name in sorted({"jax", "tensorflow"} - set(backends)):
        print(f"left out: all with {name}, which is not installed", flush=True)
    if gpu:
        os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
        backends = usable_backends(backends)
    from gpu_parts import PARTS
    from gpu_results import Results
    from gpu_setting import Setting, TimeIsUpError

    known = every_network()
    if unknown := sorted(set(asked.only or ()) - set(known)):
        stop(f"--only {unknown[0]}: no network; known ones: {', '.join(known)}")
    about = {
        "card": gpu.name if gpu else UNMEASURED,
        **({"driver": driver} if driver else {}),
        "jets": asked.jets,
        "batch": asked.batch,
        "repeats": asked.repeats,
        **{name: version(name) for name in (*backends, "keras")},
    }
    try:
        results = Results(asked.output, about)
    except ValueError as error:
        stop(str(error))
    ends_at = time.monotonic() + (60 * asked.minutes if asked.minutes else float("inf"))
    chosen = asked.part or [part for part in PARTS if part not in LADDERS]
    for number, part in enumerate(chosen):
        run, default, _ = PARTS[part]
        setting = Setting(
            device=asked.device,
            card=about["card"],
            jets=asked.jets,
            batch=asked.batch,
            repeats=asked.repeats,
            networks=tuple(asked.only or (known if default is None else default)),
            precisions=tuple(asked.precision or PRECISIONS),
            backends=backends,
            torch_python=asked.torch_python,
            ends_at=ends_at,
            results=results,
        )
        try:
            run_part(part, run, setting, gpu)
        except TimeIsUpError:
            rest = ", ".join(chosen[number:])
            print(f"the time is up; left: {rest}; the same command goes on", flush=True)
            return GO_ON
    told = f"written: {asked.output} and {asked.output.with_suffix('.md')}"
    print(f"{told}; {len(results.left_out)} left out, named there", flush=True)
    return 0


def run_part(part: str, run, setting: Setting, gpu: Gpu | None) -> None:
    """Run a part on the GPU alone; a workflow claims it itself."""
    from gpu_parts import PARTS

    from jetline.training.gpu_slots import VISIBLE, slot

    with contextlib.ExitStack() as held:
        if gpu and PARTS[part][2]:
            held.enter_context(slot([gpu], 1))
        elif gpu:
            os.environ[VISIBLE] = gpu.place
        run(setting)


def every_network() -> list[str]:
    """List the names of all networks."""
    from jetline.models import names, settings_class
    from jetline.models.architecture import Network

    return [name for name in names() if issubclass(settings_class(name), Network)]


if __name__ == "__main__":
    sys.exit(main())
