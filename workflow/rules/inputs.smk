rule image_jets:
    input:
        jets=jet_file,
        index="results/jets/{source}/{file}.index.npz",
    output:
        shard=directory("results/shards/{source}/images/{recipe}/{file}"),
    log:
        "results/logs/image/{source}/{recipe}/{file}.log",
    benchmark:
        "results/benchmarks/image/{source}/{recipe}/{file}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=500,
        runtime="10m",
    params:
        recipe=recipe_argument,
        code=code_version("inputs.kinds.images.imaging"),
    shell:
        "jetline image --recipe {params.recipe:q} --index {input.index:q} {input.jets:q}"
        " {output.shard} > {log} 2>&1"


rule flatten_jets:
    input:
        jets=jet_file,
        index="results/jets/{source}/{file}.index.npz",
    output:
        shard=directory("results/shards/{source}/particles/{file}"),
    log:
        "results/logs/flatten/{source}/{file}.log",
    benchmark:
        "results/benchmarks/flatten/{source}/{file}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        code=code_version("inputs.kinds.particles"),
    shell:
        "jetline flatten {input.jets:q} {output.shard} > {log} 2>&1"


rule observe_jets:
    input:
        jets=jet_file,
        index="results/jets/{source}/{file}.index.npz",
    output:
        shard=directory("results/shards/{source}/observables/{file}"),
    log:
        "results/logs/observe/{source}/{file}.log",
    benchmark:
        "results/benchmarks/observe/{source}/{file}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=500,
        runtime="10m",
    params:
        code=code_version("inputs.kinds.observables"),
    shell:
        "jetline observe {input.jets:q} {output.shard} > {log} 2>&1"


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
        code=code_version("inputs.statistics"),
    shell:
        "jetline statistics --parts {input.parts} --output {output.statistics} {input.shards}"
        " > {log} 2>&1"
