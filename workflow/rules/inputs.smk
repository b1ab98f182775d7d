rule shard_jets:
    input:
        jets=jet_file,
        index=paths.INDEX,
    output:
        shard=directory(paths.SHARD),
    log:
        paths.log("shard", paths.SHARD_OF_FILE),
    benchmark:
        paths.benchmark("shard", paths.SHARD_OF_FILE)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=TOLD.shard_memory,
        runtime=growing(10),
    params:
        inputs=TOLD.shard,
        code=TOLD.shard_code,
    shell:
        "jetline shard {params.inputs} --index {input.index:q} --output {output.shard:q}"
        " {input.jets:q} > {log:q} 2>&1"


rule split_jets:
    input:
        index=PLAN.indices,
        trained_parts=PLAN.other_trained_parts,
        trained_index=PLAN.other_trained_indices,
        measured=PLAN.flattened,
    output:
        parts=PATHS.parts,
    log:
        PATHS.log("split", "{dataset}"),
    benchmark:
        PATHS.benchmark("split", "{dataset}")
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
        key=PLAN.dataset_key,
        trained=TOLD.trained_elsewhere,
        flatten=TOLD.flatten,
        code=TOLD.split_code,
    shell:
        "jetline split --settings @<(printf '%s\\n' {params.settings:q})"
        " --configuration-seed {params.seed} --source {params.key} --output {output.parts:q}"
        " --index @<(printf '%s\\n' {input.index:q}) {params.trained}"
        " --trained-index @<(printf '%s\\n' {input.trained_index:q}) {params.flatten}"
        " --measured @<(printf '%s\\n' {input.measured:q}) > {log:q} 2>&1"


rule training_statistics:
    input:
        parts=PLAN.trained_parts,
        shards=PLAN.trained_shards,
    output:
        statistics=PATHS.statistics,
    log:
        PATHS.log("statistics", PATHS.fold_of("{inputs}")),
    benchmark:
        PATHS.benchmark("statistics", PATHS.fold_of("{inputs}"))
    localrule: SIZES.few
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        classes=TOLD.classes,
        code=TOLD.statistics_code,
    shell:
        "jetline statistics {params.classes} --parts {input.parts:q} --output {output.statistics:q}"
        " @<(printf '%s\\n' {input.shards:q}) > {log:q} 2>&1"
