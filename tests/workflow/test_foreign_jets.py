"""Files of other programs go through the workflow as those of the benchmark's form do."""

from __future__ import annotations

import numpy as np
import pytest

from checkout import Checkout
from foreign_files import FILES
from jetline.jets.formats.npz import write_jets
from jetline.records.imported import ImportRecord


@pytest.fixture(scope="module")
def jets(root) -> tuple[np.ndarray, np.ndarray]:
    with np.load(root / "resources/sample/QG_jets_0.npz") as archive:
        return archive["X"][:400], archive["y"][:400]


@pytest.fixture(scope="module")
def checkout(root, jets, tmp_path_factory) -> Checkout:
    made = Checkout(root, tmp_path_factory.mktemp("checkout"))
    (made.folder / "jets").mkdir()
    write_jets(made.folder / "jets/plain.npz", *jets)
    FILES["benchmark"][0](made.folder / "jets/packed.h5", *jets)
    FILES["jetclass"][0](made.folder / "jets/flags.root", *jets)
    turned = np.swapaxes(jets[0], 1, 2) * np.array([1000, 1, 1, 1])[:, None]
    np.savez(made.folder / "jets/turned.npz", X=turned, y=jets[1])
    return made


def datasets(**paths):
    return {name: {"source": "files", "paths": [path]} for name, path in paths.items()}


TURNED = {
    "source": "files",
    "paths": ["jets/turned.npz"],
    "layout": {"base": "benchmark", "axes": "features-constituents", "units": "MeV"},
}


def test_foreign_files_alone_are_imported_each_by_a_job(checkout):
    both = datasets(train="jets/p*", test="jets/packed.h5") | {"turned": TURNED}
    config = checkout.configure(datasets=both, train_on="train", test_on=["test", "turned"])
    jobs = [job for job in checkout.planned("--configfile", config) if job[0] == "import_jets"]
    assert len(jobs) == 2
    assert {source.partition("-")[0] for _, source, _ in jobs} == {"files"}


@pytest.mark.slow
def test_what_was_understood_of_an_imported_file_is_kept(checkout, jets):
    few = {"datasets": datasets(few="jets/packed.h5"), "architectures": {"pfn": {}}}
    told = ["--configfile", checkout.configure(**few), "--until", "check_jets"]
    result = checkout.snakemake(*told)
    assert result.returncode == 0, result.stdout
    (record,) = checkout.folder.glob("results/jets/files/packed-*.import.json")
    understood = ImportRecord.read(record)
    assert understood.identity == "full"
    assert understood.jets == {"quark": int(jets[1].sum()), "gluon": int((jets[1] == 0).sum())}
    assert not understood.warnings


def test_a_tagger_that_is_told_more_than_a_file_tells_is_refused_before_anything_runs(checkout):
    config = checkout.configure(
        datasets=datasets(few="jets/flags.root"),
        architectures={"pfn": {"identity": "full"}},
    )
    result = checkout.snakemake("--configfile", config, "--dry-run")
    assert result.returncode == 1
    assert "configuration, architectures.pfn" in result.stdout
    assert "identity: experimental" in result.stdout
    assert "Traceback" not in result.stdout
