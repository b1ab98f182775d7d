rule shard_jets:
    input:
        jets=jet_file,
        index="results/jets/{source}/{file}.index.npz",
    output:
        shard=directory("results/shards/{source}/{inputs}/{file}"),
    log:
        "results/logs/shard/{source}/{inputs}/{file}.log",
    benchmark:
        "results/benchmarks/shard/{source}/{inputs}/{file}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=shard_memory,
        runtime="10m",
    params:
        inputs=shard_inputs,
        code=shard_code,
    shell:
        "jetline shard {params.inputs:q} --index {input.index:q} --output {output.shard}"
        " {input.jets:q} > {log} 2>&1"


rule split_jets:
    input:
        index=dataset_indices,
        trained_parts=other_trained_parts,
        trained_index=other_trained_indices,
    output:
        parts=f"{RUN}/split/{{dataset}}.npz",
    log:
        f"{RUN}/logs/split/{{dataset}}.log",
    benchmark:
        f"{RUN}/benchmarks/split/{{dataset}}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        settings=settings_json(CONFIGURATION.split),
        seed=CONFIGURATION.seed,
        key=dataset_key,
        trained=other_trained,
        code=code_version("inputs.split"),
    shell:
        "jetline split --settings {params.settings:q} --seed {params.seed} --source {params.key}"
        " {output.parts} --index {input.index} {params.trained} > {log} 2>&1"


rule training_statistics:
    input:
        parts=f"{RUN}/split/{CONFIGURATION.train_on}.npz",
        shards=training_shards,
    output:
        statistics=f"{RUN}/statistics/{{inputs}}.json",
    log:
        f"{RUN}/logs/statistics/{{inputs}}.log",
    benchmark:
        f"{RUN}/benchmarks/statistics/{{inputs}}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="30m",
    params:
        code=statistics_code,
    shell:
        "jetline statistics --parts {input.parts} --output {output.statistics} {input.shards}"
        " > {log} 2>&1"
