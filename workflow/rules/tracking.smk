rule track:
    input:
        model=PATHS.model,
        history=PATHS.history,
        record=PATHS.training,
        evaluations=PLAN.tests(PATHS.metrics),
    output:
        tracked=PATHS.tracked,
    log:
        PATHS.log("track", paths.TRAINING),
    benchmark:
        PATHS.benchmark("track", paths.TRAINING)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        training=subpath(input.model, parent=True),
        evaluations=TOLD.evaluation_folders,
        results=TOLD.results,
        code=code_version("tracking.trainings"),
    shell:
        "jetline track --output {output.tracked:q} --training {params.training:q}"
        " --results {params.results:q} --evaluations {params.evaluations:q} > {log:q} 2>&1"


rule track_cuts:
    input:
        cuts=PLAN.cuts(),
    output:
        tracked=PATHS.tracked_cuts,
    log:
        PATHS.log("track", "cuts"),
    benchmark:
        PATHS.benchmark("track", "cuts")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        run=PLAN.configuration.run,
        dataset=PLAN.trained_on,
        results=TOLD.results,
        code=code_version("tracking.cuts"),
    shell:
        "jetline track-cuts --output {output.tracked:q} --run {params.run}"
        " --trained-on {params.dataset} --results {params.results:q} --cuts {input.cuts:q}"
        " > {log:q} 2>&1"
