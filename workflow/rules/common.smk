def planned():
    """What is to be made, or the mistakes in the configuration without a traceback."""
    try:
        paths.require_writable(Path(paths.RESULTS))
        return Plan(read_configuration(config), CHECKOUT / "resources/sample")
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


find_jetline()
PLAN = planned()
TOLD = Arguments(PLAN)
PATHS = PLAN.paths


wildcard_constraints:
    **PLAN.wildcards,
