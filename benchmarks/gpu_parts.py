"""The parts of what is measured on a GPU; `gpu.py` runs them."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from gpu_cards import shares
from gpu_results import ABSENT
from gpu_setting import ROOT, WARM_UP
from side_by_side import Form, NotPreparedError, Worker

from jetline.models import settings_class
from jetline.training.gpu_slots import SHARED_MEMORY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gpu_setting import Setting

#: Chunks that a training takes in one turn where several share the GPU, so that all overlap.
_LONGER = 4

#: Seeds that train together.
SEEDS = 5

#: Of the ladder's files 8 of 12 train, on 5,000 jets each: of so many 32 do.
FILES = 48

_WEAVER = {
    "weaver": Form("torch_forms:weaver", {}),
    "weaver, compiled": Form("torch_forms:weaver", {"compiled": True}),
}
_ENERGYFLOW = {
    "EnergyFlow": Form("training_forms:energyflow", {}),
    "EnergyFlow, untuned input": Form("training_forms:energyflow", {"tuned": False}),
    "EnergyFlow's layers in PyTorch": Form("torch_forms:flow", {}),
    "EnergyFlow's layers in PyTorch, compiled": Form("torch_forms:flow", {"compiled": True}),
}
_PEERS = {
    "efn": _ENERGYFLOW,
    "pfn": _ENERGYFLOW,
    **dict.fromkeys(
        ("particlenet", "particlenet-lite", "particle-transformer", "particle-transformer-small"),
        _WEAVER,
    ),
}


def networks(setting: Setting) -> None:
    """Measure training and inference of every network, beside its peers."""
    for name in setting.networks:
        forms = {
            f"ours, {backend}": setting.form(Form("training_forms:ours", {}), name, backend)
            for backend in setting.backends
        }
        for label, form in _PEERS.get(name, {}).items():
            forms[label] = setting.form(form, name)
        for precision in setting.precisions:
            for label, form in forms.items():
                asked = {"part": "networks", "network": name, "precision": precision, "form": label}
                given = form.given(precision=precision)
                setting.measure(asked, functools.partial(_network, setting, precision, given))


def _network(setting: Setting, precision: str, form: Form, limit: float) -> dict[str, Any]:
    with Worker(form, limit) as worker:
        speeds = {kind: setting.speed(worker, kind) for kind in ("training", "inference")}
        try:
            facts = worker.call("facts").value
        except NotPreparedError as error:
            print(f"  operations are not counted: {error}", flush=True)
            facts = {}
    row: dict[str, Any] = {"device_memory": facts.get("device_memory")}
    for kind, speed in speeds.items():
        flop, moved = facts.get(f"{kind}_flop"), facts.get(f"{kind}_bytes")
        row[kind] = {"jets_per_second": speed, "flop": flop, "bytes": moved}
        row[kind] |= shares(setting.card, precision, speed, flop, moved)
    return row


def feed(setting: Setting) -> None:
    """Measure how fast batches of particles come, without any step."""
    kinds = [("jax", True), ("jax", False), ("tensorflow", False)]
    for name in setting.networks:
        if "particles" not in settings_class(name).kinds:
            continue
        for backend, held in kinds:
            if backend not in setting.backends:
                continue
            where = "gathered on the device" if held else "made on the host"
            asked = {
                "part": "feed",
                "network": name,
                "precision": "",
                "form": f"{where}, {backend}",
            }
            form = setting.form(Form("training_forms:ours", {"held": held}), name, backend)

            def measured(limit: float, form: Form = form) -> dict[str, Any]:
                with Worker(form, limit) as worker:
                    return {"jets_per_second": setting.speed(worker, "feed")}

            setting.measure(asked, measured)


def sharing(setting: Setting) -> None:
    """Measure trainings that share the GPU, as `trainings_per_gpu` lets them."""
    for name in setting.networks:
        for number in (1, 2, 4):
            label = f"{number} training{'s' if number > 1 else ''}"
            asked = {"part": "sharing", "network": name, "precision": "float32", "form": label}
            setting.measure(asked, functools.partial(_shared, setting, name, number))


def _shared(setting: Setting, name: str, number: int, limit: float) -> dict[str, Any]:
    share = {"XLA_PYTHON_CLIENT_MEM_FRACTION": f"{SHARED_MEMORY / number:.3f}"}
    jets = _LONGER * setting.jets
    ours = Form("training_forms:ours", {}, share)
    form = setting.form(ours, name, setting.backends[0], chunks=(1, jets))
    workers = [Worker(form, limit) for _ in range(number)]
    try:
        seconds = []
        for _ in range(WARM_UP + setting.repeats):
            began = time.perf_counter()
            for worker in workers:
                worker.ask("training")
            for worker in workers:
                worker.answer()
            seconds.append(time.perf_counter() - began)
    finally:
        for worker in workers:
            worker.end()
    speed = number * jets / median(seconds[WARM_UP:])
    return {"trainings": number, "jets_per_second": speed, "backend": setting.backends[0]}


def seeds(setting: Setting) -> None:
    """Measure seeds that train together, beside one alone."""
    for name in setting.networks:
        for number in (1, SEEDS):
            label = f"{number} seeds together" if number > 1 else "1 seed"
            asked = {"part": "seeds", "network": name, "precision": "float32", "form": label}
            setting.measure(asked, functools.partial(_seeds, setting, name, number))


def _seeds(setting: Setting, name: str, number: int, limit: float) -> dict[str, Any]:
    if "jax" not in setting.backends:
        raise NotPreparedError(f"jax {ABSENT}")
    several = Form("seed_forms:seeds", {"number": number})
    form = several if number > 1 else Form("training_forms:ours", {})
    with Worker(setting.form(form, name, "jax"), limit) as worker:
        return {"seeds": number, "jets_per_second": number * setting.speed(worker, "training")}


def demo(setting: Setting) -> None:
    """Measure the demo's wall time, on the GPU and on the CPU."""
    for device in dict.fromkeys((setting.device, "cpu")):
        asked = {"part": "demo", "network": "demo", "precision": "", "form": device}
        setting.measure(asked, functools.partial(_workflow, setting, "config.yaml", device))


def ladder(setting: Setting) -> None:
    """Measure the wall time of all architectures on generated jets, on the GPU."""
    asked = {"part": "demo", "network": "ladder", "precision": "", "form": setting.device}
    setting.measure(asked, functools.partial(_workflow, setting, "ladder.yaml", setting.device))


def large_ladder(setting: Setting) -> None:
    """Measure it on 160,000 training jets, once these have been generated."""
    asked = {"part": "demo", "network": "ladder, 160,000 jets", "precision": ""}
    asked["form"] = setting.device
    run = functools.partial(_workflow, setting, "ladder.yaml", setting.device)
    changed = ["run=large-ladder", f"datasets={{generated: {{files: {FILES}}}}}"]
    setting.measure(asked, functools.partial(run, changed=changed, before="generate_jets"))


def _workflow(
    setting: Setting,
    configuration: str,
    device: str,
    limit: float,
    changed: Sequence[str] = (),
    before: str = "",
) -> dict[str, Any]:
    """Run a configuration in a copy of the checkout; a test only plans it.

    Parameters
    ----------
    setting : Setting
        What is measured.
    configuration, device : str
        Name of the file, and its `device`.
    limit : float
        Seconds that it may take.
    changed : sequence of str
        Keys that have another value, as Snakemake's ``--config`` takes them.
    before : str
        Rule up to which all is made before the time begins; none if empty.
    """
    if find_spec("snakemake") is None:
        raise NotPreparedError(f"snakemake {ABSENT}")
    command = [sys.executable, "-m", "snakemake", "--cores", "all"]
    backend = "tensorflow" if "tensorflow" in setting.backends else "jax"
    command += ["--configfile", f"config/{configuration}"]
    command += ["--config", f"device={device}", f"backend={backend}", *changed]
    command += ["--dry-run"] if setting.device == "cpu" else []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "checkout"
        folder.mkdir()
        for name in ("Snakefile", "environment.yml", "environment-gpu.yml"):
            shutil.copy(ROOT / name, folder)
        for name in ("workflow", "profiles", "config", "src", "resources"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        made = _timed([*command, "--until", before], folder, limit) if before else 0.0
        return {"seconds": _timed(command, folder, limit - made)}


def _timed(command: list[str], folder: Path, limit: float) -> float:
    """Run a command, and give the seconds that it takes."""
    began = time.perf_counter()
    try:
        run = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=None if limit == float("inf") else limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotPreparedError(f"it took more than {limit:.0f} s") from None
    if run.returncode:
        lines = run.stdout.strip().splitlines() or [""]
        raise NotPreparedError(f"snakemake failed: {lines[-1][:200]}")
    return time.perf_counter() - began


#: By name: what measures it, the networks it takes unless others are asked for (None: every one),
#: and whether it keeps other trainings off the card meanwhile.
PARTS = {
    "networks": (networks, None, True),
    "feed": (feed, ("pfn", "particlenet", "particle-transformer"), True),
    "sharing": (sharing, ("pfn", "particlenet-lite"), True),
    "seeds": (seeds, ("pfn", "particlenet-lite"), True),
    "demo": (demo, (), False),
    "ladder": (ladder, (), False),
    "large-ladder": (large_ladder, (), False),
}
