"""What each rule reads and its command is told, for a configuration of everything."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from jetline.configuration.reading import read_configuration
from jetline.core.errors import JetlineError
from jetline.jets.formats.npz import write_jets
from jetline.planning import paths
from jetline.planning.arguments import Arguments
from jetline.planning.classes import Classes
from jetline.planning.places import require_no_braces
from jetline.planning.plan import Plan

EVERYTHING = {
    "run": "all",
    "seed": 7,
    "datasets": {
        "demo": {"source": "sample"},
        "mine": {"source": "files", "paths": ["mine.npz"]},
        "made": {"source": "pythia", "files": 2, "jets_per_file": 10},
        "published": {"source": "zenodo", "sample": "herwig", "files": 2, "mirrors": ["/near"]},
    },
    "train_on": "made",
    "test_on": ["made", "mine", "demo", "published"],
    "seeds": [1, 2],
    "recipes": {"fine": {"pixels": 40}},
    "architectures": {
        "cnn": {"inputs": "images/fine"},
        "pfn": {},
        "observables": {"seeds": [5]},
    },
}


@pytest.fixture(scope="module", autouse=True)
def _here(jets, tmp_path_factory):
    """A working directory with jets of the user's."""
    folder = tmp_path_factory.mktemp("here")
    write_jets(folder / "mine.npz", *jets)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield


@pytest.fixture(scope="module")
def plan(root) -> Plan:
    return Plan(read_configuration(EVERYTHING), root / "resources/sample")


@pytest.fixture
def told(plan) -> Arguments:
    return Arguments(plan)


def of(**wildcards: str) -> SimpleNamespace:
    return SimpleNamespace(**wildcards)


def key(plan: Plan, dataset: str) -> str:
    return plan.dataset_key(of(dataset=dataset))


# Paths


def test_every_path_lies_under_results_and_names_its_stage():
    made = paths.RunPaths("mine")
    patterns = [value for name, value in vars(made).items() if not name.startswith("_")]
    assert len(patterns) == len(set(patterns)) > 20
    assert all(pattern.startswith("results/runs/mine/") for pattern in patterns)
    shared = (paths.JET_FILE, paths.INDEX, paths.OBSERVABLES, paths.SHARD, paths.GENERATED)
    assert all(pattern.startswith("results/") for pattern in shared)


@pytest.mark.parametrize("prefix", ["", "taggers/", "/data/results/runs/"])
def test_checkpoints_and_results_are_found_from_a_path_below_any_prefix(prefix):
    model = f"{prefix}results/runs/demo/trainings/cnn/seed-1/model.keras"
    assert paths.checkpoints_of(model) == f"{prefix}results/runs/demo/checkpoints/cnn/seed-1"
    assert paths.results_of(model) == f"{prefix}results"


# Jets


def test_jet_files_lie_where_they_are_or_are_made_under_results(plan):
    (mine,) = plan.files["mine"]
    assert plan.jet_file(of(source="files", file=mine)) == "mine.npz"
    made = key(plan, "made")
    assert plan.jet_file(of(source=made, file="jets_1")) == f"results/jets/{made}/jets_1.npz"
    sample = plan.jet_file(of(source="sample", file="QG_jets_0"))
    assert sample.endswith("resources/sample/QG_jets_0.npz")
    assert not sample.startswith("/")


def test_a_jet_file_of_no_dataset_is_one_clear_error(plan):
    with pytest.raises(JetlineError, match="jets_7"):
        plan.jet_file(of(source=key(plan, "made"), file="jets_7"))


def test_every_key_matches_the_pattern_of_the_wildcard(plan):
    pattern = plan.wildcards["source"]
    assert all(re.fullmatch(pattern, key(plan, name)) for name in plan.datasets)


def test_commands_are_told_how_to_make_and_to_check_a_file(plan, told):
    made = shlex.split(told.source(of(source=key(plan, "made")), None))
    assert made[:4] == ["--jets", "10", "--generator-seed", "1"]
    loaded = shlex.split(told.source(of(source="zenodo-herwig"), None))
    assert loaded == ["--files", "2", "--mirrors", "/near"]
    sha256 = shlex.split(told.check(of(source="zenodo-herwig", file="QG_jets_herwig_0")))
    assert re.fullmatch(r"[0-9a-f]{64}", sha256[1])
    assert told.check(of(source="sample", file="QG_jets_0")) == ""


# Inputs


def test_shards_of_the_same_settings_are_shared_by_all_runs(plan, root):
    other = Plan(
        read_configuration(
            EVERYTHING | {"run": "other", "test_on": ["made"], "recipes": {"fine": {"pixels": 41}}}
        ),
        root / "resources/sample",
    )
    assert plan.shards("made", "particles") == other.shards("made", "particles")
    assert plan.shards("made", "images/pt") == other.shards("made", "images/pt")
    assert not set(plan.shards("made", "images/fine")) & set(other.shards("made", "images/fine"))


def test_every_shard_matches_the_patterns_of_the_wildcards(plan):
    pattern = paths.SHARD
    for name, constraint in plan.wildcards.items():
        pattern = pattern.replace(f"{{{name}}}", f"(?P<{name}>{constraint})")
    for inputs in plan.inputs:
        for shard in plan.shards("demo", inputs):
            found = re.fullmatch(pattern, shard)
            assert found["inputs"] == plan.inputs[inputs].folder


def test_a_shards_command_is_told_its_inputs_with_the_recipe(plan, told):
    folder = plan.inputs["images/fine"].folder
    words = shlex.split(told.shard(of(inputs=folder)))
    assert words[:3] == ["--inputs", "images/fine", "--recipe"]
    assert json.loads(words[3])["pixels"] == 40
    assert shlex.split(told.shard(of(inputs="particles"))) == ["--inputs", "particles"]


def test_each_kind_of_inputs_has_memory_and_a_version_of_its_own(plan, told):
    folders = [plan.inputs[name].folder for name in ("images/fine", "particles", "observables")]
    # The kind's own, and that of the Snakemakes that run a job on a cluster.
    assert [told.shard_memory(of(inputs=one), 1) for one in folders] == [900, 2400, 900]
    assert told.shard_memory(of(inputs=folders[0]), 3) == 2700
    jets = {"source": "sample", "file": "QG_jets_0"}
    assert len({told.shard_code(of(inputs=folder, **jets)) for folder in folders}) == 3


def test_only_another_datasets_split_is_told_what_the_taggers_train_on(plan, told):
    assert plan.other_trained_parts(of(dataset="made")) == []
    assert plan.other_trained_indices(of(dataset="made")) == []
    nothing = SimpleNamespace(trained_parts=[])
    assert told.trained_elsewhere(of(dataset="made"), nothing) == ""
    assert plan.other_trained_parts(of(dataset="mine")) == ["results/runs/all/split/made.npz"]
    given = SimpleNamespace(trained_parts=["a b"])
    words = shlex.split(told.trained_elsewhere(of(dataset="mine"), given))
    assert words == ["--trained-parts", "a b"]
    assert len(plan.other_trained_indices(of(dataset="mine"))) == 2


def named(root, **split) -> Plan:
    """A plan that trains on the generated jets, validates on the user's, tests on two others."""
    changed = {"test_on": ["demo", "published"], "split": {"by": "name", **split}}
    return Plan(read_configuration(EVERYTHING | changed), root / "resources/sample")


def test_a_dataset_that_validates_is_read_by_trainings_but_never_tested(root):
    parts = {"train": ["made"], "validation": ["mine"], "test": ["demo", "QG_jets_herwig_*"]}
    plan = named(root, **parts)
    told = Arguments(plan)
    (mine,) = plan.files["mine"]
    training = of(label="pfn", seed="1")
    shards = plan.training_shards(training)
    assert [shard.rsplit("/", 1)[-1] for shard in shards] == ["jets_0", "jets_1", mine]
    assert plan.trained_shards(of(inputs="particles")) == shards
    assert not set(plan.test_shards(training)) & set(shards)
    indices = plan.indices(of(dataset="made"))
    assert len(indices) == 3
    assert plan.other_trained_indices(of(dataset="demo")) == indices
    assert len(plan.observables(of(dataset="made"))) == 2
    assert plan.datasets == ["made", "demo", "published", "mine"]
    settings = json.loads(told.split(of(dataset="made")))
    assert settings["by"] == "name"
    assert settings["parts"] == ["train", "train", "validation"]
    assert set(json.loads(told.split(of(dataset="demo")))["parts"]) == {"test"}


def test_a_split_by_shares_is_told_them(plan, told):
    settings = json.loads(told.split(of(dataset="made")))
    assert {key: settings[key] for key in ("by", "train", "validation", "test")} == {
        "by": "jet",
        "train": 0.8,
        "validation": 0.1,
        "test": 0.1,
    }


def test_the_configuration_is_told_in_ascii_and_whole(root):
    """Of longer characters Snakemake would count fewer than the system counts bytes."""
    (Path("jäger") / "日本").mkdir(parents=True, exist_ok=True)
    shutil.copy("mine.npz", "jäger/日本/mine.npz")
    mine = {"source": "files", "paths": ["jäger/日本/mine.npz"]}
    changed = {"datasets": EVERYTHING["datasets"] | {"mine": mine}}
    configuration = read_configuration(EVERYTHING | changed)
    text = Arguments(Plan(configuration, root / "resources/sample")).configuration(of())
    assert text.isascii()
    assert read_configuration(json.loads(text)) == configuration


def test_a_version_of_code_is_computed_once_for_all_files(told, monkeypatch):
    wildcards = of(source="sample", file="QG_jets_0")
    before = told.check_code(wildcards)
    monkeypatch.setattr("jetline.planning.code_version._syntax", lambda path: pytest.fail(path))
    assert told.check_code(of(source="sample", file="QG_jets_1")) == before


# Trainings and what follows


def test_every_training_is_planned_with_its_own_seeds(plan):
    assert plan.trainings("{label}/{seed}") == [
        *("cnn/1", "cnn/2"),
        *("pfn/1", "pfn/2"),
        "observables/5",
    ]
    assert len(plan.evaluations(plan.paths.metrics)) == 5 * 4
    assert "{" not in "".join(plan.evaluations(plan.paths.metrics))


def test_a_training_reads_its_own_inputs_and_knows_its_own_code(plan, told):
    training = of(label="pfn", seed="1")
    assert plan.training_shards(training) == plan.shards("made", "particles")
    assert plan.training_statistics(training) == "results/runs/all/statistics/particles.json"
    assert json.loads(told.settings(training))["architecture"] == "pfn"
    codes = {told.training_code(of(label=label)) for label in ("cnn", "pfn", "observables")}
    assert len(codes) == 3


def test_cuts_and_images_are_made_where_a_tagger_takes_such_inputs(plan, root):
    assert len(plan.cuts()) == 4
    assert plan.images_page() == ["results/runs/all/images.html"]
    assert plan.mean_images() == {"images/fine": "results/runs/all/images/fine.png"}
    alone = Plan(
        read_configuration(EVERYTHING | {"architectures": {"pfn": {}}, "test_on": ["made"]}),
        root / "resources/sample",
    )
    assert alone.cuts() == alone.images_page() == alone.image_shards() == []

    assert alone.targets() == [
        "results/runs/all/report.html",
        "results/runs/all/tracking/comparison.json",
    ]
    nothing = SimpleNamespace(
        cuts=[], images=[], explanations=[], judgements=[], scans=[], confused=[]
    )
    assert Arguments(alone).report(of(), nothing) == ""
    nothing.explanations = ["explanations.html"]
    assert Arguments(alone).report(of(), nothing) == "--explanations explanations.html"


def test_more_than_two_classes_are_examined_by_class_and_have_no_cuts(root, plan):
    mine = EVERYTHING["datasets"]["mine"]
    asked = {"datasets": {"mine": mine}, "train_on": "mine", "test_on": ["mine"]}
    asked |= {"classes": ["gluon", "quark", "top"]}
    more = Plan(read_configuration(EVERYTHING | asked), root / "resources/sample")
    of_more, of_two = Classes(more), Classes(plan)
    assert more.cuts() == []
    assert of_more.examinations() == ["results/runs/all/examination/mine/classes.json"]
    assert len(of_two.examinations()) == 4
    assert of_two.examinations()[0] == "results/runs/all/examination/made/examination.json"
    for paths_of in (more.paths, plan.paths):
        assert of_more.of_two(paths_of.roc) == of_two.of_more(paths_of.confusion) == []
    assert of_more.of_more(more.paths.confusion) == [
        "results/runs/all/comparison/confusion-mine.png"
    ]
    # No published jets of three classes are there to be set beside.
    assert of_more.datasets(more.paths.validation) == []
    assert len(of_two.datasets(plan.paths.validation)) == 4


@pytest.mark.parametrize("name", ["a {b}.npz", "a {b,c+}.npz", "<results>.npz"])
def test_a_jet_file_that_snakemake_would_fill_words_into_is_refused(root, jets, tmp_path, name):
    write_jets(tmp_path / name, *jets)
    mine = {"source": "files", "paths": [str(tmp_path / name)]}
    configuration = read_configuration(
        EVERYTHING | {"datasets": {"mine": mine}, "train_on": "mine", "test_on": ["mine"]}
    )
    with pytest.raises(JetlineError) as caught:
        Plan(configuration, root / "resources/sample")
    assert caught.value.where.endswith(name)
    assert "ln -s" in caught.value.remedy


def test_a_checkout_below_braces_is_refused():
    require_no_braces(Path("/a 'b' [c] <d> $e"))
    with pytest.raises(JetlineError, match="rename that folder"):
        require_no_braces(Path("/a/{b}/c"))
