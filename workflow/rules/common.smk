from jetline.evaluation.figures_of_merit import FIGURES_OF_MERIT
from jetline.planning.code_version import code_version
from jetline.configuration.consistency import require_species
from jetline.sources import SOURCES
from jetline.planning.layout import recipe_folder, require_writable


def configured():
    """The configuration, or its mistakes told without a traceback."""
    try:
        configuration = read_configuration(config)
        require_writable(Path("results"))
        bundled = Path(workflow.basedir) / "resources/sample"
        files = {
            name: {
                file: path or f"results/jets/{source.key}/{file}.npz"
                for file, path in source.jet_files(bundled).items()
            }
            for name, source in configuration.datasets.items()
        }
        require_species(configuration, files)
    except JetlineError as error:
        sys.exit(f"error: {error}")
    return configuration, files


CONFIGURATION, FILES = configured()
RUN = f"results/runs/{CONFIGURATION.run}"
KEYS = {name: source.key for name, source in CONFIGURATION.datasets.items()}
RECIPES = {
    recipe_folder(name, recipe): (name, recipe)
    for name, recipe in CONFIGURATION.all_recipes.items()
}
FOLDERS = {"particles": "particles", "observables": "observables"} | {
    f"images/{name}": f"images/{folder}" for folder, (name, _) in RECIPES.items()
}
TRAININGS = [f"{label}/seed-{seed}" for label, seed in CONFIGURATION.trainings]


wildcard_constraints:
    source="|".join(source.key_pattern for source in SOURCES.values()),
    file=r"[A-Za-z0-9_-]+",
    recipe=r"[A-Za-z0-9_-]+",
    inputs=r"images/[A-Za-z0-9_-]+|particles|observables",
    dataset=r"[A-Za-z0-9_-]+",
    label=r"[A-Za-z0-9_-]+",
    seed=r"[0-9]+",
