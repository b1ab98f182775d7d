def planned():
    """What is to be made, its folds and where trainings start, or the mistakes without a traceback."""
    try:
        require_no_braces(CHECKOUT)
        require_writable(Path(paths.RESULTS))
        # Snakemake has read these, and tells nobody of a key that stands twice.
        require_single_keys(workflow.configfiles)
        require_single_overrides(sys.argv)
        values = (
            config if "architectures" in config else {**load_yaml(DEFAULT), **config}
        )
        plan = Plan(read_configuration(values), CHECKOUT / "resources/sample")
        require_backend(plan.configuration.backend)
        return plan, Folds(plan), Starts(plan)
    except JetlineError as error:
        sys.exit(f"error: {error}")


def planned_scans():
    """Scans of the configuration, or why there can be none, without a traceback."""
    try:
        return Scans(PLAN)
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


def foreign_file(wildcards):
    """Path of a file that is imported, likewise."""
    try:
        return local(IMPORTS.file(wildcards))
    except JetlineError as error:
        sys.exit(f"error: {error}")


def weights_to_start_from(wildcards):
    """Paths of the weights that a training starts from, and of their record; mostly none."""
    files = STARTS.files(wildcards)
    return files if STARTS.made_here(wildcards) else [local(file) for file in files]


def weights_to_start_trial_from(wildcards):
    """Paths of the weights that a trial of a scan starts from, likewise."""
    return weights_to_start_from(SCANS.training_of(wildcards))


def tell_display():
    """Tell the plugin that prints the progress what it shows at the beginning and the end.

    It comes as a record of Snakemake's log, empty for those who do not know of it.
    """

    def whole():
        """Whether the report was asked for, which is known once the rules have been read."""
        asked = set(workflow.dag_settings.targets or ["all"])
        return not asked.isdisjoint({"all", PATHS.report})

    told = {
        "report": PATHS.report,
        "whole": whole,
        "logs": [paths.LOGS, PATHS.logs],
    }
    logger.info("", extra={"jetline": told})


def snakemakes_options():
    """Read the options that Snakemake was called with, those of its profiles included.

    It tells rules of them only once all is planned.
    """
    from snakemake.cli import parse_args

    # Profiles are named from where the user stands.
    here = os.environ.get("PWD", ".") if workflow.overwrite_workdir else "."
    with contextlib.chdir(here), contextlib.redirect_stderr(io.StringIO()):
        return parse_args(sys.argv[1:])[1]


def on_cluster():
    """Tell whether this is the Snakemake that will submit jobs to SLURM."""
    return called_by_user() and submits(snakemakes_options())


def on_htcondor():
    """Tell whether this is the Snakemake that will submit jobs to HTCondor, or looks as if."""
    return called_by_user() and snakemakes_options().executor == "htcondor"


def called_by_user():
    """Tell whether this is a Snakemake that a user has called, not one of its jobs."""
    return workflow.is_main_process and called_as_program(sys.argv[0])


def ask_htcondor(options):
    """Say in HTCondor's words too what the rules ask for, once all of them have been read."""
    kinds = {one.inputs for one in PLAN.configuration.architectures.values()}
    together = steps_together(
        options.groups or {}, options.group_components or {}, len(kinds)
    )
    for one in workflow.rules:
        asked = asked_of_htcondor(one.resources, together.get(one.name, 1))
        for name, resource in asked.items():
            one.resources[name] = resource


def wait_until_alone():
    """Wait for jobs of this folder that a killed Snakemake has left on a cluster.

    It must be done before Snakemake looks at what there is.
    """
    try:
        wait_for_orphans(Path(workflow.workdir_init), logger.warning)
    except JetlineError as error:
        sys.exit(f"error: {error}")


def prepare_cluster():
    """Choose how SLURM is asked for the jobs, and stop where it cannot run one of them.

    Called in the main process alone: jobs are run without hooks.
    """
    if workflow.executor_plugin.name == "htcondor":
        try:
            require_access_point(
                str(workflow.workdir_init), map(str, workflow.configfiles)
            )
        except JetlineError as error:
            sys.exit(f"error: {error}")
    if workflow.executor_plugin.name != "slurm":
        return
    settings = workflow.executor_settings
    dag = workflow.dag
    jobs = [job for job in dag.needrun_jobs() if not job.is_local]
    groups = {dag.get_job_group(job) for job in jobs} - {None}
    try:
        require_possible(
            ((job.rule.name, job.threads, job.resources) for job in jobs),
            settings.partition_config,
            profile_of(sys.argv),
            (
                (group.groupid, group.rules, group.threads, group.resources)
                for group in groups
            ),
        )
        settings.status_command, told = status_command(
            settings.status_command, settings.init_seconds_before_status_checks
        )
    except JetlineError as error:
        sys.exit(f"error: {error}")
    logger.info(told)
    # The queue of this cluster knows nothing of jobs on others.
    executor = sys.modules[workflow.executor_plugin.executor.__module__]
    elsewhere = any(job.resources.get("slurm_cluster") for job in jobs)
    if hasattr(executor, "query_job_status") and not elsewhere:
        executor.query_job_status = telling_ends(executor.query_job_status)


def tell_devices():
    """Say which processor the trainings will use, or stop if it is not the one asked for."""
    if workflow.touch:
        return
    rules = {job.rule.name for job in workflow.dag.needrun_jobs()}
    limits, here = workflow.global_resources, workflow.local_exec
    at_once = limits["gpu"].value if "gpu" in limits else 0
    try:
        lines = devices_told(PLAN.configuration, rules, here=here, at_once=at_once)
    except JetlineError as error:
        sys.exit(f"error: {error}")
    for line in lines:
        logger.info(line)


def tell_slots():
    """Tell Snakemake how many networks this machine's GPUs run at once, unless the user did.

    Jobs then wait in its queue. Without a GPU nothing limits them; a cluster counts its own.
    """
    if not workflow.is_main_process:
        return
    slots = slots_of(PLAN.configuration)
    if slots and "gpu" not in workflow.global_resources:
        workflow.register_resource("gpu", slots)


name_user()
find_jetline()
PLAN, FOLDS, STARTS = planned()
TOLD = Arguments(PLAN)
CLASSES = Classes(PLAN)
SIZES = Sizes(PLAN)
SCANS = planned_scans()
SEEDS = SeedsTogether(PLAN)
PICTURES = Pictures(PLAN)
IMPORTS = Imports(PLAN)
EXPLANATIONS = Explanations(PLAN, FOLDS)
EXPORTS = Exports(PLAN, FOLDS)
CARDS = Cards(PLAN)
GENERATIVE = Generative(PLAN)
PATHS = PLAN.paths
if PLAN.configuration.container:
    tell_container(CHECKOUT, PLAN.configuration.device)
# Not below the prefix of a module, which is not known here.
if workflow.modifier.is_main_snakefile():
    tell_display()
    if on_cluster():
        wait_until_alone()
    else:
        tell_slots()


wildcard_constraints:
    **PLAN.wildcards,
