"""The benchmark's files through the workflow; small jet files replace them in the table."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from checkout import Checkout
from file_server import Request, drop, serving, slowly

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["QG_jets.npz", *(f"QG_jets_{number}.npz" for number in range(1, 6))]
FOLDER = "results/jets/zenodo-pythia"


@pytest.fixture(scope="module")
def files(bundled, tmp_path_factory) -> dict[str, bytes]:
    """Six small jet files by the benchmark's names."""
    folder = tmp_path_factory.mktemp("files")
    with np.load(bundled[0], allow_pickle=False) as archive:
        jets, labels = archive["X"], archive["y"]
    for number, name in enumerate(NAMES):
        few = slice(100 * number, 100 * (number + 1))
        np.savez(folder / name, X=jets[few], y=labels[few])
    return {name: (folder / name).read_bytes() for name in NAMES}


@pytest.fixture
def checkout(root, files, tmp_path) -> Checkout:
    """A checkout whose table of the benchmark's files is one of the small ones."""
    made = Checkout(root, tmp_path)
    rows = ["sample,record,file,size,md5,sha256"]
    for number, (name, whole) in enumerate(files.items()):
        # As in the real table, the size of most is not known.
        size = "" if number else len(whole)
        hashes = hashlib.md5(whole).hexdigest(), hashlib.sha256(whole).hexdigest()
        rows.append(",".join(["pythia", "3164691", name, str(size), *hashes]))
    table = tmp_path / "src/jetline/sources/zenodo/files.csv"
    table.write_text("\n".join(rows) + "\n")
    made.environment |= {"NO_PROXY": "127.0.0.1"}
    return made


def configured(checkout: Checkout, *mirrors: str | Path, count: int = 2) -> tuple[str, Path]:
    dataset = {"source": "zenodo", "sample": "pythia", "files": count}
    dataset["mirrors"] = list(map(str, mirrors))
    return "--configfile", checkout.configure("zenodo", datasets={"few": dataset})


def indices(count: int = 2) -> list[str]:
    return [f"{FOLDER}/{name.removesuffix('.npz')}.index.npz" for name in NAMES[:count]]


def local_folder(checkout: Checkout, files: dict[str, bytes]) -> Path:
    folder = checkout.folder / "downloaded before"
    folder.mkdir()
    for name, whole in files.items():
        (folder / name).write_bytes(whole)
    return folder


def are_there(checkout: Checkout, files: dict[str, bytes], count: int = 2) -> bool:
    found = {path.name: path.read_bytes() for path in (checkout.folder / FOLDER).glob("QG_jets*")}
    found = {name: whole for name, whole in found.items() if "index" not in name}
    hidden = list((checkout.folder / FOLDER).glob(".*"))
    return found == {name: files[name] for name in NAMES[:count]} and not hidden


def by_path(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"/base/{name}": whole for name, whole in files.items()}


@pytest.mark.slow
def test_a_dataset_comes_from_a_local_folder_and_what_is_there_is_not_fetched_again(
    checkout, files
):
    folder = local_folder(checkout, files)
    result = checkout.snakemake(*indices(), *configured(checkout, folder))
    assert result.returncode == 0, result.stdout
    assert are_there(checkout, files)
    with np.load(checkout.folder / indices()[0], allow_pickle=False) as index:
        assert len(index["labels"]) == 100

    # Neither other mirrors nor an edit of the download's code ask for anything.
    elsewhere = configured(checkout, "http://127.0.0.1:9/", folder)
    with checkout.changed("src/jetline/sources/zenodo/download.py", append="\nCHANGED = True\n"):
        assert checkout.planned(*indices(), *elsewhere) == set()

    # More files: only those.
    more = configured(checkout, folder, count=3)
    assert checkout.planned(*indices(3), *more) == {
        ("download_jets", "zenodo-pythia", "QG_jets_2"),
        ("check_jets", "zenodo-pythia", "QG_jets_2"),
    }

    # Forced, without any place to fetch from: good files stay.
    before = {path: path.stat().st_ino for path in (checkout.folder / FOLDER).glob("QG_jets*")}
    offline = configured(checkout)
    result = checkout.snakemake(f"{FOLDER}/QG_jets.npz", *offline, "--forcerun", "download_jets")
    assert result.returncode == 0, result.stdout
    assert are_there(checkout, files)
    assert {path: path.stat().st_ino for path in before} == before
    log = checkout.folder / "results/logs/download/zenodo-pythia/QG_jets.log"
    assert "there already, sha256 right" in log.read_text()


@pytest.mark.slow
def test_files_come_from_a_server_three_at_once_at_most(checkout, files):
    busy, most, lock = 0, 0, threading.Lock()

    def counted(request: Request) -> None:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        time.sleep(1)
        request.give()
        with lock:
            busy -= 1

    with serving(by_path(files), *[counted] * 6) as server:
        targets = [f"{FOLDER}/{name}" for name in NAMES]
        mirrors = configured(checkout, f"{server.address}/base/", count=6)
        result = checkout.run("snakemake", "--cores", "8", *targets, *mirrors)
        assert result.returncode == 0, result.stdout
        assert sorted(path for path, _ in server.asked) == sorted(by_path(files))
    assert are_there(checkout, files, 6)
    assert 1 < most <= 3


@pytest.mark.slow
def test_a_killed_snakemake_loses_nothing_of_a_download(checkout, files, bundled):
    # One that takes a second and more.
    whole = bundled[0].read_bytes()
    table = checkout.folder / "src/jetline/sources/zenodo/files.csv"
    digest = hashlib.sha256(whole).hexdigest()
    row = f"pythia,3164691,QG_jets.npz,{len(whole)},,{digest}\n"
    table.write_text(table.read_text().splitlines()[0] + "\n" + row)
    target = f"{FOLDER}/QG_jets.npz"
    partial = checkout.folder / f"{FOLDER}/.QG_jets.npz.{digest[:16]}.part"
    with serving(whole, slowly) as server:
        arguments = map(str, [target, *configured(checkout, server.address, count=1)])
        command = ["snakemake", "--cores", "2", *arguments]
        process = subprocess.Popen(
            command,
            cwd=checkout.folder,
            env=checkout.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while not partial.exists() or partial.stat().st_size < 200_000:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        have = partial.stat().st_size
        assert 200_000 <= have < len(whole)
        mirrors = configured(checkout, server.address, count=1)
        assert checkout.snakemake("--unlock", *mirrors).returncode == 0
        result = checkout.snakemake(target, *mirrors)
        assert result.returncode == 0, result.stdout
        assert server.asked == [("/QG_jets.npz", None), ("/QG_jets.npz", f"bytes={have}-")]
    assert (checkout.folder / target).read_bytes() == whole
    assert not partial.exists()


def test_another_file_put_there_by_hand_is_refused(checkout, files):
    (checkout.folder / FOLDER).mkdir(parents=True)
    (checkout.folder / FOLDER / NAMES[0]).write_bytes(files[NAMES[1]])
    result = checkout.snakemake(indices()[0], *configured(checkout))
    assert result.returncode != 0
    log = (checkout.folder / "results/logs/check/zenodo-pythia/QG_jets.log").read_text()
    assert "another file than the benchmark's" in log
    assert hashlib.sha256(files[NAMES[0]]).hexdigest() in log
    assert "Traceback" not in log


@pytest.mark.slow
def test_without_a_network_the_log_names_every_file_that_the_dataset_lacks(checkout, files):
    folder = local_folder(checkout, {})
    (checkout.folder / FOLDER).mkdir(parents=True)
    (checkout.folder / FOLDER / NAMES[1]).write_bytes(files[NAMES[1]])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{probe.getsockname()[1]}"
    # Zenodo too, whatever network this machine has.
    checkout.environment |= {"HTTPS_PROXY": nowhere, "https_proxy": nowhere}
    mirrors = configured(checkout, folder, count=3)
    result = checkout.snakemake(f"{FOLDER}/QG_jets.npz", *mirrors)
    assert result.returncode != 0
    text = (checkout.folder / "results/logs/download/zenodo-pythia/QG_jets.log").read_text()
    assert "no network: no server was reached" in text
    assert "Traceback" not in text
    named = re.findall(r"https://zenodo\.org/\S+/(\S+\.npz)\?download=1\n\s+sha256", text)
    assert named == ["QG_jets.npz", "QG_jets_2.npz"]
    # The files are put where the error says, and the same command finishes.
    for name in (NAMES[0], NAMES[2]):
        (folder / name).write_bytes(files[name])
    result = checkout.snakemake(*[f"{FOLDER}/{name}" for name in NAMES[:3]], *mirrors)
    assert result.returncode == 0, result.stdout
    assert are_there(checkout, files, 3)


def test_a_printed_download_can_be_run_by_hand(checkout, files):
    with serving(by_path(files), drop(0.5)) as server:
        mirrors = configured(checkout, f"{server.address}/base")
        printed = checkout.snakemake(f"{FOLDER}/QG_jets.npz", *mirrors, "-np").stdout
        command = re.search(r"(jetline download .*) > results", printed)[1]
        result = checkout.run("bash", "-c", command)
        assert result.returncode == 0, result.stdout
        assert len(server.asked) == 2
    assert are_there(checkout, files, 1)


# Plans of the real table


@pytest.fixture(scope="module")
def real(root, tmp_path_factory) -> Checkout:
    return Checkout(root, tmp_path_factory.mktemp("checkout"))


def test_the_benchmark_is_planned_with_its_own_architectures_alone(real):
    jobs = real.planned("--configfile", "config/benchmark.yaml")
    counts = Counter(job[0] for job in jobs)
    for rule in ("download_jets", "check_jets"):
        assert counts[rule] == 20, rule
    shards = Counter(job[2].split("/")[0] for job in jobs if job[0] == "shard_jets")
    assert shards == {"images": 20, "particles": 20}
    for rule in ("train", "predict", "evaluate", "track"):
        assert counts[rule] == 12, rule
    assert counts["split_jets"] == counts["compare"] == counts["html_report"] == 1
    assert {job[1:] for job in jobs if job[0] == "train"} == {
        (label, seed)
        for label in ("cnn", "pfn-full", "pfn-experimental", "pfn-none")
        for seed in "123"
    }
    assert {job[1] for job in jobs if job[0] == "download_jets"} == {"zenodo-pythia"}


def test_plain_and_withbc_jets_are_two_datasets(real):
    datasets = {
        name: {"source": "zenodo", "sample": name, "files": 2}
        for name in ("pythia", "pythia-withbc")
    }
    path = real.configure("two", datasets=datasets, train_on="pythia", test_on=[*datasets])
    jobs = real.planned("--configfile", path)
    assert {job[1:] for job in jobs if job[0] == "download_jets"} == {
        ("zenodo-pythia", "QG_jets"),
        ("zenodo-pythia", "QG_jets_1"),
        ("zenodo-pythia-withbc", "QG_jets_withbc_0"),
        ("zenodo-pythia-withbc", "QG_jets_withbc_1"),
    }
    assert {job[1] for job in jobs if job[0] == "split_jets"} == {"pythia", "pythia-withbc"}


def test_the_same_files_in_two_datasets_are_downloaded_once_from_all_mirrors(real):
    datasets = {
        "few": {"source": "zenodo", "sample": "herwig", "files": 1, "mirrors": ["a", "b"]},
        "more": {"source": "zenodo", "sample": "herwig", "files": 2, "mirrors": ["b", "c d"]},
    }
    path = real.configure("same", datasets=datasets, train_on="more", test_on=["few"])
    printed = real.snakemake("-np", "--configfile", path).stdout
    assert printed.count("rule download_jets:") == 2
    assert printed.count("--files 2 --mirrors a b 'c d' ") == 2
