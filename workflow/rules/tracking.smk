rule track:
    input:
        model=FOLDS.of_all(PATHS.model),
        history=PATHS.joint_history,
        record=PATHS.joint_training,
        evaluations=PLAN.tests(PATHS.metrics),
    output:
        tracked=PATHS.tracked,
    log:
        PATHS.log("track", paths.TRAINING),
    benchmark:
        PATHS.benchmark("track", paths.TRAINING)
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        training=subpath(input.record, parent=True),
        evaluations=TOLD.evaluation_folders,
        results=TOLD.results,
        code=code_version("tracking.trainings", "report.training_plots"),
    shell:
        "jetline track --output {output.tracked:q} --training {params.training:q}"
        " --results {params.results:q} --evaluations {params.evaluations:q} > {log:q} 2>&1"


# Last: the run that holds all others, with the report.
rule track_comparison:
    input:
        comparison=PATHS.comparison,
        pictures=rules.draw_comparison.output,
        pages=[
            PATHS.report,
            *PLAN.images_page(),
            *EXPLANATIONS.page(),
            *GENERATIVE.page(),
        ],
        cuts=PLAN.cuts(),
        tracked=PLAN.trainings(PATHS.tracked),
    output:
        tracked=PATHS.tracked_comparison,
    log:
        PATHS.log("track", "comparison"),
    benchmark:
        PATHS.benchmark("track", "comparison")
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        run=PLAN.configuration.run,
        folder=subpath(input.comparison, parent=True),
        cuts=TOLD.cuts,
        results=TOLD.results,
        code=code_version("tracking.comparison"),
    shell:
        "jetline track-comparison --output {output.tracked:q} --run {params.run}"
        " --comparison {params.folder:q} --pages {input.pages:q} {params.cuts}"
        " --tracked {input.tracked:q} --results {params.results:q} > {log:q} 2>&1"


# SQLite on a network file system loses what several machines write.
if on_network(Path(paths.RESULTS)):

    localrules:
        track,
        track_comparison,
        track_scan,
