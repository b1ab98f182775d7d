"""What a container is told, in which the workflow's commands run."""

from __future__ import annotations

import os
from pathlib import Path

#: There where the driver of an NVIDIA GPU is.
DRIVER = Path("/dev/nvidiactl")


def tell_container(checkout: Path, device: str) -> None:
    """Let Apptainer show a container this checkout, and the GPU if there is one.

    The image has the packages, the checkout the code: what is run is what the plan was made of.
    Snakemake itself binds the folder of the workflow. The variables of this process change, which
    its jobs inherit; the PATH inside is the image's.

    Parameters
    ----------
    checkout : Path
        Of this workflow.
    device : str
        The configuration's `device`.
    """
    binds = [*filter(None, [os.environ.get("APPTAINER_BIND")]), str(checkout)]
    os.environ["APPTAINER_BIND"] = ",".join(binds)
    os.environ["APPTAINERENV_PYTHONPATH"] = str(checkout / "src")
    # The packages are the image's alone, not those of a home.
    os.environ["APPTAINERENV_PYTHONNOUSERSITE"] = "1"
    if device != "cpu" and DRIVER.exists():
        os.environ.setdefault("APPTAINER_NV", "1")
