def planned():
    """What is to be made, or the mistakes in the configuration without a traceback."""
    try:
        paths.require_no_braces(CHECKOUT)
        paths.require_writable(Path(paths.RESULTS))
        # Snakemake has read these, and tells nobody of a key that stands twice.
        require_single_keys(workflow.configfiles)
        values = (
            config if "architectures" in config else {**load_yaml(DEFAULT), **config}
        )
        return Plan(read_configuration(values), CHECKOUT / "resources/sample")
    except JetlineError as error:
        sys.exit(f"error: {error}")


def jet_file(wildcards):
    """Path of a jet file.

    `local` keeps the prefix of a module from what the workflow does not make itself.
    """
    try:
        path = PLAN.jet_file(wildcards)
    except JetlineError as error:
        sys.exit(f"error: {error}")
    return path if path.startswith(f"{paths.RESULTS}/") else local(path)


name_user()
find_jetline()
PLAN = planned()
TOLD = Arguments(PLAN)
PATHS = PLAN.paths


wildcard_constraints:
    **PLAN.wildcards,
