import json

from jetline.inputs.kinds import INPUT_KINDS
from jetline.inputs.making import choices
from jetline.jets.formats import JET_FORMATS
from jetline.jets.reading import format_by_name
from jetline.planning.code_version import code_version
from jetline.configuration.consistency import require_species
from jetline.sources.zenodo.catalogue import file_named
from jetline.planning.layout import jet_files, require_writable, source_key


def configured():
    """The configuration, or its mistakes told without a traceback."""
    try:
        configuration = read_configuration(config)
        require_writable(Path("results"))
        files = {
            name: jet_files(source, Path(workflow.basedir) / "resources/sample")
            for name, source in configuration.datasets.items()
        }
        require_species(configuration, files)
    except JetlineError as error:
        sys.exit(f"error: {error}")
    return configuration, files


CONFIGURATION, FILES = configured()
RUN = f"results/runs/{CONFIGURATION.run}"
KEYS = {name: source_key(source) for name, source in CONFIGURATION.datasets.items()}
INPUTS = choices(CONFIGURATION.all_recipes)
INPUTS_IN = {inputs.folder: inputs for inputs in INPUTS.values()}
TRAININGS = [f"{label}/seed-{seed}" for label, seed in CONFIGURATION.trainings]
GENERATED = {
    KEYS[name]: source
    for name, source in CONFIGURATION.datasets.items()
    if source.source == "pythia"
}


wildcard_constraints:
    source=r"sample|files|pythia-[0-9a-f]+|zenodo-(pythia|herwig)(-withbc)?",
    file=r"[A-Za-z0-9_-]+",
    inputs=rf"(?:{'|'.join(INPUT_KINDS)})(?:/[A-Za-z0-9_-]+)?",
    dataset=r"[A-Za-z0-9_-]+",
    label=r"[A-Za-z0-9_-]+",
    seed=r"[0-9]+",
