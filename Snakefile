import sys
from pathlib import Path

from snakemake.utils import min_version

from jetline.configuration.reading import load_yaml, read_configuration
from jetline.core.errors import JetlineError

min_version("9.10")

# --configfile merges into what is loaded already: the demo's entries must not leak into a
# configuration that stands alone, so the default is read only where there is no other.
if "architectures" not in config:
    config = {**load_yaml(Path(workflow.basedir) / "config/config.yaml"), **config}

# A training imports the package that this Python has, whether or not its environment is active.
shell.prefix(f"export PATH={Path(sys.executable).parent}:$PATH; ")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/wiring.smk"
include: "workflow/rules/jets.smk"
include: "workflow/rules/validation.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/cuts.smk"
include: "workflow/rules/looking.smk"
include: "workflow/rules/tracking.smk"


# Before the first job, because trainings that both create the experiment would race.
onstart:
    shell("jetline start-tracking results")


rule all:
    default_target: True
    input:
        report=f"{RUN}/report.html",
        tracked=expand(
            f"{RUN}/tracking/{{training}}.json",
            training=TRAININGS,
        ),
        cuts=tracked_cuts(),


rule images:
    input:
        image_shards(),
