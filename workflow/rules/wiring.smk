# What each rule reads and is told, by its wildcards.


def jet_file(wildcards):
    """Path of a jet file, by its source and its name within it."""
    for name, files in FILES.items():
        if KEYS[name] == wildcards.source and wildcards.file in files:
            return files[wildcards.file]
    sys.exit(
        f"error: no jet file {wildcards.file} of source {wildcards.source} is configured"
    )


def indices(dataset):
    """Index of each file of a dataset."""
    return [f"results/jets/{KEYS[dataset]}/{file}.index.npz" for file in FILES[dataset]]


def shards(dataset, inputs):
    """Shard of each file of a dataset."""
    folder = f"results/shards/{KEYS[dataset]}/{INPUTS[inputs].folder}"
    return [f"{folder}/{file}" for file in FILES[dataset]]


def architecture(wildcards):
    """Settings of a training's architecture."""
    return CONFIGURATION.architectures[wildcards.label]


def settings_json(settings):
    """Settings as one argument of a command."""
    return settings.model_dump_json()


def shard_inputs(wildcards):
    """Arguments that say what a shard holds."""
    inputs = INPUTS_IN[wildcards.inputs]
    recipe = [] if inputs.recipe is None else ["--recipe", json.dumps(inputs.recipe)]
    return ["--inputs", inputs.inputs, *recipe]


def shard_memory(wildcards):
    """Memory [MB] that making a shard needs."""
    return INPUTS_IN[wildcards.inputs].memory_mb


def shard_code(wildcards):
    """Version of the code that makes a shard: reading the jets, and this kind of inputs."""
    inputs = INPUTS_IN[wildcards.inputs]
    return code_version("inputs.making", *inputs.modules, *format_modules(wildcards))


def statistics_code(wildcards):
    """Version of the code that finds the statistics of a kind of inputs."""
    return code_version("inputs.statistics", *INPUTS[wildcards.inputs].modules)


def format_modules(wildcards):
    """Module that reads a jet file's format, if the file's name tells it."""
    named = format_by_name(jet_file(wildcards))
    return [JET_FORMATS.module(named)] if named else []


def check_code(wildcards):
    """Version of the code that validates and indexes a jet file."""
    return code_version("jets.index", *format_modules(wildcards))


def measurement_code(wildcards):
    """Version of the code that measures the jets of a file."""
    return code_version("validation.measurement", *format_modules(wildcards))


def generator_request(wildcards):
    """Arguments that say what a file of a generated source is; recipe without its defaults."""
    source = GENERATED[wildcards.source]
    recipe = source.recipe.model_dump_json(exclude_defaults=True)
    return f"--jets {source.jets_per_file} --seed {source.seed} --recipe {shlex.quote(recipe)}"


# A function of the output counts as derived from it: with other mirrors, or more files, what is
# there already is not downloaded again.
def download_options(wildcards, output):
    """Where to look for a benchmark's file, and how many of them the datasets take."""
    sources = [
        source
        for name, source in CONFIGURATION.datasets.items()
        if KEYS[name] == wildcards.source
    ]
    mirrors = dict.fromkeys(mirror for source in sources for mirror in source.mirrors)
    files = max((source.files for source in sources), default=1)
    return ["--files", str(files), "--mirrors", *mirrors]


# A file that somebody has put there by hand is not downloaded, so its sha256 is checked here.
def published_hash(wildcards):
    """Argument that tells the sha256 of a benchmark's file."""
    if not wildcards.source.startswith("zenodo-"):
        return ""
    return f"--sha256 {file_named(f'{wildcards.file}.npz').sha256}"


def image_inputs():
    """Recipes that a tagger of the run uses, as `images/<name>`."""
    return sorted(
        {
            architecture.inputs
            for architecture in CONFIGURATION.architectures.values()
            if architecture.kind == "images"
        }
    )


def image_shards():
    """Every image shard of the run."""
    datasets = {CONFIGURATION.train_on, *CONFIGURATION.test_on}
    return [
        shard
        for name in sorted(datasets)
        for inputs in image_inputs()
        for shard in shards(name, inputs)
    ]


def trained_image_shards():
    """Shards of the dataset that the taggers train on, by every recipe."""
    return [
        shard
        for inputs in image_inputs()
        for shard in shards(CONFIGURATION.train_on, inputs)
    ]


def images_page():
    """The page on images, if a tagger takes images."""
    return [f"{RUN}/images.html"] if image_inputs() else []


def cuts():
    """Cuts on single observables of each test dataset, if a tagger takes observables."""
    kinds = {architecture.kind for architecture in CONFIGURATION.architectures.values()}
    if "observables" not in kinds:
        return []
    return [f"{RUN}/cuts/{dataset}.json" for dataset in CONFIGURATION.test_on]


def tracked_cuts():
    """What tells that the cuts are tracked, if there are any."""
    return [f"{RUN}/tracking/cuts.json"] if cuts() else []


def observable_shards(wildcards):
    """Tables of the observables of a dataset."""
    return shards(wildcards.dataset, "observables")


def dataset_indices(wildcards):
    """Index of each file of a dataset that is split."""
    return indices(wildcards.dataset)


def other_trained_parts(wildcards):
    """Split of the dataset that the taggers train on, unless it is this one."""
    if wildcards.dataset == CONFIGURATION.train_on:
        return []
    return f"{RUN}/split/{CONFIGURATION.train_on}.npz"


def other_trained_indices(wildcards):
    """Index of each file that the taggers train on, unless it is this dataset."""
    return indices(CONFIGURATION.train_on) if other_trained_parts(wildcards) else []


def other_trained(wildcards, input):
    """Arguments that tell the split what the taggers train on, unless it is this dataset."""
    if not input.trained_parts:
        return ""
    return (
        f"--trained-parts {input.trained_parts} --trained-index {input.trained_index}"
    )


def used_datasets():
    """Datasets of the run, each once, first that which the taggers train on."""
    return CONFIGURATION.used_datasets


def observables(wildcards):
    """What was measured of each file of a dataset."""
    key = KEYS[wildcards.dataset]
    return [
        f"results/jets/{key}/{file}.observables.npz"
        for file in FILES[wildcards.dataset]
    ]


def dataset_key(wildcards):
    """Key of a dataset's source."""
    return KEYS[wildcards.dataset]


def training_shards(wildcards):
    """Shards of the dataset that the taggers train on."""
    return shards(CONFIGURATION.train_on, wildcards.inputs)


def training_inputs(wildcards):
    """Shards that a training reads."""
    return shards(CONFIGURATION.train_on, architecture(wildcards).inputs)


def training_statistics_file(wildcards):
    """Statistics of a training's inputs."""
    return f"{RUN}/statistics/{architecture(wildcards).inputs}.json"


def training_settings(wildcards):
    """Settings of a training's architecture, as one argument."""
    return settings_json(architecture(wildcards))


def training_code(wildcards):
    """Version of the code that trains: the training and this one architecture's file."""
    return code_version("training.job", architecture(wildcards).module)


def prediction_code(wildcards):
    """Version of the code that predicts."""
    return code_version("training.prediction", architecture(wildcards).module)


def test_shards(wildcards):
    """Shards of every test dataset."""
    inputs = architecture(wildcards).inputs
    return [shard for name in CONFIGURATION.test_on for shard in shards(name, inputs)]


def test_datasets(wildcards):
    """Arguments that name each test dataset, its split and its shards."""
    inputs = architecture(wildcards).inputs
    return [
        f"--dataset {name} {RUN}/split/{name}.npz {' '.join(shards(name, inputs))}"
        for name in CONFIGURATION.test_on
    ]
