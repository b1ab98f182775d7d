# Only where seeds train together: one job makes of each seed what `train` makes. Keys of trainings,
# and so their checkpoints, are those of `train`: its code's version is told as there.
rule train_together:
    input:
        shards=PLAN.training_shards,
        parts=PLAN.trained_parts,
        statistics=PLAN.training_statistics,
    output:
        models=SEEDS.of_all(PATHS.model),
        histories=SEEDS.of_all(PATHS.history),
        records=SEEDS.of_all(PATHS.training),
    log:
        PATHS.log("train_together", "{label}"),
    benchmark:
        PATHS.benchmark("train_together", "{label}")
    wildcard_constraints:
        label=SEEDS.pattern,
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(6000),
        gpu=TOLD.gpus,
        runtime=SIZES.training_minutes,
        slurm_extra=TOLD_IN_TIME,
    params:
        settings=TOLD.settings,
        run=PLAN.configuration.run,
        dataset=PLAN.trained_on,
        seeds=SEEDS.seeds,
        device=PLAN.configuration.device,
        deterministic="--deterministic" if PLAN.configuration.deterministic else "",
        backend=PLAN.configuration.backend,
        checkpoints=SEEDS.checkpoints,
        checkpoint_minutes=TOLD.checkpoint_minutes,
        trainings_per_gpu=TOLD.trainings_per_gpu,
        results=TOLD.results,
        folders=SEEDS.folders,
        code=TOLD.training_code,
        joint_code=code_version("training.joint_job"),
    shell:
        'log={log:q}; ln -sf "$(basename "$log" .log).attempts" "$log";'
        " jetline train-together --run {params.run} --label {wildcards.label}"
        " --training-seeds {params.seeds} --settings {params.settings:q}"
        " --dataset {params.dataset} --code {params.code} --parts {input.parts:q}"
        " --statistics {input.statistics:q} --checkpoints {params.checkpoints:q}"
        " --checkpoint-minutes {params.checkpoint_minutes} {params.deterministic}"
        " --backend {params.backend}"
        " --results {params.results:q} --outputs {params.folders:q} --device {params.device}"
        " --trainings-per-gpu {params.trainings_per_gpu}"
        " --threads {threads} @<(printf '%s\\n' {input.shards:q}) >> {log:q} 2>&1"


ruleorder: train_together > train
