# Only with folds: each label and seed has a tagger a fold, whose scores are joined, so that all that
# follows sees one training whose test part is every jet.
rule split_into_folds:
    input:
        index=FOLDS.index,
    output:
        parts=FOLDS.together,
        folds=FOLDS.of_all(PLAN.trained_parts),
    log:
        PATHS.log("split", PLAN.trained_on),
    benchmark:
        PATHS.benchmark("split", PLAN.trained_on)
    localrule: SIZES.few
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=SIZES.split_memory,
        runtime=growing(10),
    params:
        settings=TOLD.split,
        seed=PLAN.configuration.seed,
        key=FOLDS.source,
        code=code_version("inputs.folds"),
    shell:
        "jetline split --settings @<(printf '%s\\n' {params.settings:q})"
        " --configuration-seed {params.seed} --source {params.key} --output {output.parts:q}"
        " --fold-outputs {output.folds:q} --index @<(printf '%s\\n' {input.index:q})"
        " > {log:q} 2>&1"


ruleorder: split_into_folds > split_jets


rule join_folds:
    input:
        records=FOLDS.of_all(PATHS.training),
        histories=FOLDS.of_all(PATHS.history),
        predictions=FOLDS.of_all(*PLAN.tests(PATHS.single_predictions)),
        validations=FOLDS.of_all(PATHS.single_validation_predictions),
        parts=FOLDS.together,
    output:
        predictions=PLAN.tests(PATHS.predictions),
        validation=PATHS.validation_predictions,
        history=PATHS.joint_history,
        record=PATHS.joint_training,
    log:
        PATHS.log("join", paths.TRAINING),
    benchmark:
        PATHS.benchmark("join", paths.TRAINING)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        trainings=FOLDS.training_folders,
        datasets=PLAN.test_on,
        predicted=TOLD.output_folder,
        folder=subpath(output.record, parent=True),
        code=code_version("evaluation.folds"),
    shell:
        "jetline join-folds --trainings {params.trainings:q} --datasets {params.datasets}"
        " --predictions {input.predictions:q} --validations {input.validations:q}"
        " --parts {input.parts:q} --predicted {params.predicted:q} --output {params.folder:q}"
        " > {log:q} 2>&1"
