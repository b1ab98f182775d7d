# The checkpoints lie outside the declared outputs, which Snakemake deletes before a job starts.
# How often they are made stands in the command alone: as a parameter it would rerun the training.
# Attempts append to one file, since each goes on where the one before has ended: the log is a link
# to it, because Snakemake removes the log before a job starts.
rule train:
    input:
        shards=PLAN.training_shards,
        parts=PLAN.trained_parts,
        statistics=PLAN.training_statistics,
        start=weights_to_start_from,
        start_splits=STARTS.splits,
        chosen=SCANS.best,
    output:
        model=PATHS.model,
        history=PATHS.history,
        record=PATHS.training,
    log:
        PATHS.log("train", PATHS.single),
    benchmark:
        PATHS.benchmark("train", PATHS.single)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(6000),
        gpu=TOLD.gpus,
        nodes=1,
        runtime=SIZES.training_minutes,
        slurm_extra=TOLD_IN_TIME,
    params:
        settings=TOLD.settings,
        chosen=SCANS.chosen,
        fold=FOLDS.argument,
        run=PLAN.configuration.run,
        dataset=PLAN.trained_on,
        device=PLAN.configuration.device,
        deterministic="--deterministic" if PLAN.configuration.deterministic else "",
        backend=PLAN.configuration.backend,
        start=STARTS.arguments,
        start_content=STARTS.content,
        checkpoints=TOLD.checkpoints,
        checkpoint_minutes=TOLD.checkpoint_minutes,
        trainings_per_gpu=TOLD.trainings_per_gpu,
        results=TOLD.results,
        folder=subpath(output.model, parent=True),
        code=TOLD.training_code,
    shell:
        'log={log:q}; ln -sf "$(basename "$log" .log).attempts" "$log";'
        " jetline train --run {params.run} --label {wildcards.label}"
        " --training-seed {wildcards.seed} --settings {params.settings:q} {params.chosen}"
        " {params.fold} --dataset {params.dataset} --code {params.code} --parts {input.parts:q} {params.start}"
        " --statistics {input.statistics:q} --checkpoints {params.checkpoints:q}"
        " --checkpoint-minutes {params.checkpoint_minutes} {params.deterministic}"
        " --backend {params.backend}"
        " --results {params.results:q} --output {params.folder:q} --device {params.device}"
        " --trainings-per-gpu {params.trainings_per_gpu}"
        " --threads {threads} @<(printf '%s\\n' {input.shards:q}) >> {log:q} 2>&1"


rule predict:
    input:
        model=PATHS.model,
        record=PATHS.training,
        shards=PLAN.test_shards,
        parts=FOLDS.test_parts,
        trained_shards=PLAN.training_shards,
        trained_parts=PLAN.trained_parts,
    output:
        predictions=PLAN.tests(PATHS.single_predictions),
        validation=PATHS.single_validation_predictions,
    log:
        PATHS.log("predict", PATHS.single),
    benchmark:
        PATHS.benchmark("predict", PATHS.single)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(4000),
        gpu=TOLD.gpus_to_predict,
        runtime=growing(120),
    params:
        training=subpath(input.model, parent=True),
        folder=TOLD.output_folder,
        backend=PLAN.configuration.backend,
        datasets=PLAN.test_on,
        device=PLAN.configuration.device,
        trainings_per_gpu=TOLD.trainings_per_gpu,
        code=TOLD.prediction_code,
    shell:
        "jetline predict --training {params.training:q} --device {params.device}"
        " --trainings-per-gpu {params.trainings_per_gpu}"
        " --backend {params.backend} --threads {threads} --output {params.folder:q}"
        " --datasets {params.datasets}"
        " --parts {input.parts:q} --shards @<(printf '%s\\n' {input.shards:q})"
        " --validated-parts {input.trained_parts:q}"
        " --validated-shards @<(printf '%s\\n' {input.trained_shards:q}) > {log:q} 2>&1"
