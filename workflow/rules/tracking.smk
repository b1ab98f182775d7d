rule track:
    input:
        model=f"{RUN}/trainings/{{label}}/seed-{{seed}}/model.keras",
        history=f"{RUN}/trainings/{{label}}/seed-{{seed}}/history.csv",
        facts=f"{RUN}/trainings/{{label}}/seed-{{seed}}/training.json",
        metrics=expand(
            f"{RUN}/evaluation/{{{{label}}}}/seed-{{{{seed}}}}/{{dataset}}/metrics.json",
            dataset=CONFIGURATION.test_on,
        ),
    output:
        tracked=f"{RUN}/tracking/{{label}}/seed-{{seed}}.json",
    log:
        f"{RUN}/logs/track/{{label}}/seed-{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/track/{{label}}/seed-{{seed}}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        training=subpath(input.model, parent=True),
        evaluations=[
            f"{RUN}/evaluation/{{label}}/seed-{{seed}}/{dataset}"
            for dataset in CONFIGURATION.test_on
        ],
        code=code_version("tracking.trainings"),
    shell:
        "jetline track {output.tracked} --training {params.training} --results results"
        " --evaluations {params.evaluations} > {log} 2>&1"
