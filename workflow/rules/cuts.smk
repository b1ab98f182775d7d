# Cuts on one observable alone, where an architecture takes observables anyway.


rule cut_observables:
    input:
        trained_parts=f"{RUN}/split/{CONFIGURATION.train_on}.npz",
        trained_shards=shards(CONFIGURATION.train_on, "observables"),
        parts=f"{RUN}/split/{{dataset}}.npz",
        shards=observable_shards,
    output:
        cuts=f"{RUN}/cuts/{{dataset}}.json",
    log:
        f"{RUN}/logs/cut/{{dataset}}.log",
    benchmark:
        f"{RUN}/benchmarks/cut/{{dataset}}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        seed=CONFIGURATION.seed,
        code=evaluation_code("evaluation.cuts"),
    shell:
        "jetline cut {output.cuts} --dataset {wildcards.dataset} --seed {params.seed}"
        " --trained-parts {input.trained_parts} --trained-shards {input.trained_shards}"
        " --parts {input.parts} --shards {input.shards} > {log} 2>&1"


rule track_cuts:
    input:
        cuts=cuts(),
    output:
        tracked=f"{RUN}/tracking/cuts.json",
    log:
        f"{RUN}/logs/track/cuts.log",
    benchmark:
        f"{RUN}/benchmarks/track/cuts.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        run=CONFIGURATION.run,
        dataset=CONFIGURATION.train_on,
        code=code_version("tracking.trainings"),
    shell:
        "jetline track-cuts {output.tracked} --run {params.run} --trained-on {params.dataset}"
        " --results results --cuts {input.cuts} > {log} 2>&1"
