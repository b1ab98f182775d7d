# The checkpoints lie outside the declared outputs, which Snakemake deletes before a job starts.
rule train:
    input:
        shards=training_inputs,
        parts=f"{RUN}/split/{CONFIGURATION.train_on}.npz",
        statistics=training_statistics_file,
    output:
        model=f"{RUN}/trainings/{{label}}/seed-{{seed}}/model.keras",
        history=f"{RUN}/trainings/{{label}}/seed-{{seed}}/history.csv",
        facts=f"{RUN}/trainings/{{label}}/seed-{{seed}}/training.json",
    log:
        f"{RUN}/logs/train/{{label}}/seed-{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/train/{{label}}/seed-{{seed}}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=6000,
        runtime="24h",
    params:
        settings=training_settings,
        run=CONFIGURATION.run,
        dataset=CONFIGURATION.train_on,
        device=CONFIGURATION.device,
        checkpoints=f"{RUN}/checkpoints/{{label}}/seed-{{seed}}",
        folder=subpath(output.model, parent=True),
        code=training_code,
    shell:
        "jetline train --run {params.run} --label {wildcards.label} --seed {wildcards.seed}"
        " --settings {params.settings:q} --dataset {params.dataset} --code {params.code}"
        " --parts {input.parts} --statistics {input.statistics}"
        " --checkpoints {params.checkpoints} --results results --output {params.folder}"
        " --device {params.device} --threads {threads} {input.shards} > {log} 2>&1"


rule predict:
    input:
        model=f"{RUN}/trainings/{{label}}/seed-{{seed}}/model.keras",
        facts=f"{RUN}/trainings/{{label}}/seed-{{seed}}/training.json",
        shards=test_shards,
        parts=expand(f"{RUN}/split/{{dataset}}.npz", dataset=CONFIGURATION.test_on),
    output:
        predictions=expand(
            f"{RUN}/predictions/{{{{label}}}}/seed-{{{{seed}}}}/{{dataset}}.npz",
            dataset=CONFIGURATION.test_on,
        ),
    log:
        f"{RUN}/logs/predict/{{label}}/seed-{{seed}}.log",
    benchmark:
        f"{RUN}/benchmarks/predict/{{label}}/seed-{{seed}}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime="2h",
    params:
        training=subpath(input.model, parent=True),
        folder=f"{RUN}/predictions/{{label}}/seed-{{seed}}",
        datasets=test_datasets,
        device=CONFIGURATION.device,
        code=prediction_code,
    shell:
        "jetline predict --training {params.training} --device {params.device}"
        " --threads {threads} {params.folder} {params.datasets} > {log} 2>&1"
