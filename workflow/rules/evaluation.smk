rule evaluate:
    input:
        predictions=PATHS.predictions,
        record=PATHS.joint_training,
    output:
        metrics=PATHS.metrics,
        curves=PATHS.curves,
    log:
        PATHS.log("evaluate", paths.EVALUATION),
    benchmark:
        PATHS.benchmark("evaluate", paths.EVALUATION)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        training=subpath(input.record, parent=True),
        folder=subpath(output.metrics, parent=True),
        seed=PLAN.configuration.seed,
        code=TOLD.evaluation_code("evaluation.predictions"),
    shell:
        "jetline evaluate --predictions {input.predictions:q} --training {params.training:q}"
        " --dataset {wildcards.dataset} --configuration-seed {params.seed}"
        " --output {params.folder:q} > {log:q} 2>&1"


# Cuts on one observable alone, where an architecture takes observables anyway.
rule cut_observables:
    input:
        trained_parts=FOLDS.of_all(PLAN.trained_parts),
        trained_shards=PLAN.shards(PLAN.trained_on, "observables"),
        parts=FOLDS.cut_parts,
        shards=PLAN.test_observable_shards,
    output:
        cuts=PATHS.cuts,
    log:
        PATHS.log("cut", "{dataset}"),
    benchmark:
        PATHS.benchmark("cut", "{dataset}")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        seed=PLAN.configuration.seed,
        code=TOLD.evaluation_code("evaluation.cuts"),
    shell:
        "jetline cut --output {output.cuts:q} --dataset {wildcards.dataset}"
        " --configuration-seed {params.seed} --trained-parts {input.trained_parts:q}"
        " --trained-shards @<(printf '%s\\n' {input.trained_shards:q}) --parts {input.parts:q}"
        " --shards @<(printf '%s\\n' {input.shards:q}) > {log:q} 2>&1"


# Of all taggers at once: what a referee asks beyond the figures of merit.
rule examine_taggers:
    input:
        trainings=PLAN.trainings(PATHS.joint_training),
        predictions=PLAN.trainings(PATHS.predictions),
        validations=PLAN.trainings(PATHS.validation_predictions),
        evaluations=PLAN.trainings(PATHS.metrics),
        curves=PLAN.trainings(PATHS.curves),
        observables=PLAN.observables,
    output:
        examination=PATHS.examination,
    log:
        PATHS.log("examine", "{dataset}"),
    benchmark:
        PATHS.benchmark("examine", "{dataset}")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(3000),
        runtime=growing(120),
    params:
        trainings=TOLD.training_folders,
        evaluations=TOLD.evaluation_folders,
        folder=subpath(output.examination, parent=True),
        seed=PLAN.configuration.seed,
        code=TOLD.evaluation_code("evaluation.examination"),
    shell:
        "jetline examine --output {params.folder:q} --dataset {wildcards.dataset}"
        " --configuration-seed {params.seed} --trainings {params.trainings:q}"
        " --predictions {input.predictions:q} --validations {input.validations:q}"
        " --evaluations {params.evaluations:q}"
        " --observables @<(printf '%s\\n' {input.observables:q}) > {log:q} 2>&1"


# The same of taggers of more than two classes.
rule examine_classes:
    input:
        trainings=PLAN.trainings(PATHS.joint_training),
        predictions=PLAN.trainings(PATHS.predictions),
        validations=PLAN.trainings(PATHS.validation_predictions),
    output:
        classes=PATHS.classes,
    log:
        PATHS.log("examine_classes", "{dataset}"),
    benchmark:
        PATHS.benchmark("examine_classes", "{dataset}")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(3000),
        runtime=growing(120),
    params:
        trainings=TOLD.training_folders,
        folder=subpath(output.classes, parent=True),
        seed=PLAN.configuration.seed,
        code=code_version("evaluation.classes_examination"),
    shell:
        "jetline examine-classes --output {params.folder:q} --dataset {wildcards.dataset}"
        " --configuration-seed {params.seed} --trainings {params.trainings:q}"
        " --predictions {input.predictions:q} --validations {input.validations:q}"
        " > {log:q} 2>&1"


rule compare:
    input:
        trainings=PLAN.trainings(PATHS.joint_training),
        evaluations=PLAN.evaluations(PATHS.metrics),
        curves=PLAN.evaluations(PATHS.curves),
    output:
        comparison=PATHS.comparison,
        table=PATHS.comparison_table,
    log:
        PATHS.log("compare"),
    benchmark:
        PATHS.benchmark("compare")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(3000),
        runtime=growing(30),
    params:
        trainings=TOLD.training_folders,
        evaluations=TOLD.evaluation_folders,
        folder=subpath(output.table, parent=True),
        code=code_version("evaluation.comparison"),
    shell:
        "jetline compare --output {params.folder:q} --trainings {params.trainings:q}"
        " --evaluations {params.evaluations:q} > {log:q} 2>&1"
