import contextlib
import io
import os
import sys
from pathlib import Path

from snakemake.utils import min_version

from jetline.cluster.htcondor import (
    asked_of_htcondor,
    require_access_point,
    steps_together,
)
from jetline.cluster.orphans import called_as_program, submits, wait_for_orphans
from jetline.cluster.preempted import telling_ends
from jetline.cluster.preflight import require_possible, status_command
from jetline.cluster.profile import profile_of
from jetline.configuration.reading import load_yaml, read_configuration
from jetline.configuration.repetitions import (
    require_single_keys,
    require_single_overrides,
)
from jetline.core.errors import JetlineError
from jetline.planning import paths
from jetline.planning.arguments import Arguments
from jetline.planning.cards import Cards
from jetline.planning.classes import Classes
from jetline.planning.code_version import code_version
from jetline.planning.command import find_jetline, name_user
from jetline.planning.container import tell_container
from jetline.planning.devices import devices_told
from jetline.planning.explanations import Explanations
from jetline.planning.exports import Exports
from jetline.planning.folds import Folds
from jetline.planning.generative import Generative
from jetline.planning.growth import TOLD_IN_TIME, growing
from jetline.planning.imports import RECORD as IMPORT_RECORD
from jetline.planning.imports import Imports
from jetline.planning.pictures import Pictures
from jetline.planning.places import require_no_braces, require_writable
from jetline.planning.plan import Plan
from jetline.planning.scans import Scans
from jetline.planning.seeds import SeedsTogether
from jetline.planning.sizes import Sizes
from jetline.planning.slots import slots_of
from jetline.planning.starts import Starts
from jetline.tracking.address import on_network
from jetline.training.backend import require_backend

min_version("9.10")

# Read only where there is no other: --configfile merges into what is loaded already, and the
# demo's entries must not leak into a configuration that stands alone.
DEFAULT = workflow.source_path("config/config.yaml")

# Of this file, also where another workflow uses it as a module.
CHECKOUT = Path(workflow.current_basedir.get_path_or_uri(secret_free=True))


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"


# None leaves all as it is.
container: PLAN.configuration.container


include: "workflow/rules/jets.smk"
include: "workflow/rules/validation.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/scans.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/generative.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/explanation.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/cards.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/tracking.smk"


if FOLDS.number > 1:

    include: "workflow/rules/folds.smk"


if SEEDS.labels:

    include: "workflow/rules/seeds.smk"


if workflow.modifier.is_main_snakefile() and on_htcondor():
    ask_htcondor(snakemakes_options())


# Before the first job. Not run where this workflow is a module of another one: there the first
# training makes the database.
onstart:
    prepare_cluster()
    tell_devices()
    shell(
        f"jetline start-tracking {paths.RESULTS} --run {PLAN.configuration.run}"
        f" --scans {' '.join(SCANS.labels)}"
    )


rule all:
    default_target: True
    input:
        PLAN.targets(),
        SCANS.of_all(PATHS.tracked_scan),
        EXPLANATIONS.page(),
        EXPORTS.of_all(),
        CARDS.of_all(),
        GENERATIVE.of_all(),
        GENERATIVE.page(),


rule images:
    input:
        PLAN.image_shards(),
