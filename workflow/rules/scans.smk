# The trials of a round, of what is known of those before; more trials go on with the study.
rule propose_trials:
    input:
        before=SCANS.rounds_before,
        trials=SCANS.trials_before,
    output:
        proposals=PATHS.round,
        journal=PATHS.journal,
    log:
        PATHS.log("propose", "{label}/round-{round}"),
    benchmark:
        PATHS.benchmark("propose", "{label}/round-{round}")
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        settings=TOLD.settings,
        study=SCANS.study,
        before=SCANS.before,
        code=code_version("scans.rounds"),
    shell:
        "jetline propose --label {wildcards.label} --round {wildcards.round}"
        " --settings {params.settings:q} --study {params.study:q} {params.before}"
        " --trials {input.trials:q} --output {output.proposals:q} > {log:q} 2>&1"


# One training with the values of one trial. Its model is not kept: the best is trained again, with
# all seeds, by the rule `train`.
rule train_trial:
    input:
        shards=PLAN.training_shards,
        parts=PLAN.trained_parts,
        statistics=PLAN.training_statistics,
        start=weights_to_start_trial_from,
        start_splits=STARTS.splits,
        chosen=SCANS.round_of,
    output:
        record=PATHS.trial,
    log:
        PATHS.log("trial", "{label}/{trial}"),
    benchmark:
        PATHS.benchmark("trial", "{label}/{trial}")
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
        chosen=SCANS.values,
        seed=SCANS.seed,
        run=PLAN.configuration.run,
        dataset=PLAN.trained_on,
        device=PLAN.configuration.device,
        deterministic="--deterministic" if PLAN.configuration.deterministic else "",
        backend=PLAN.configuration.backend,
        start=STARTS.arguments,
        start_content=STARTS.content,
        checkpoints=SCANS.checkpoints,
        minutes=TOLD.checkpoint_minutes,
        trainings_per_gpu=TOLD.trainings_per_gpu,
        results=TOLD.results,
        folder=subpath(output.record, parent=True),
        code=SCANS.trial_code,
    shell:
        'log={log:q}; ln -sf "$(basename "$log" .log).attempts" "$log";'
        " jetline train --trial --run {params.run} --label {wildcards.label}--{wildcards.trial}"
        " --training-seed {params.seed} --settings {params.settings:q} {params.chosen}"
        " --dataset {params.dataset} --code {params.code} --parts {input.parts:q} {params.start}"
        " --statistics {input.statistics:q} --checkpoints {params.checkpoints:q}"
        " --checkpoint-minutes {params.minutes} {params.deterministic} --backend {params.backend}"
        " --results {params.results:q} --output {params.folder:q} --device {params.device}"
        " --trainings-per-gpu {params.trainings_per_gpu}"
        " --threads {threads} @<(printf '%s\\n' {input.shards:q}) >> {log:q} 2>&1"


rule conclude_scan:
    input:
        trials=SCANS.trials,
    output:
        record=PATHS.scan,
        best=PATHS.scan_best,
        text=PATHS.scan_text,
        table=PATHS.scan_table,
    log:
        PATHS.log("conclude", "{label}"),
    benchmark:
        PATHS.benchmark("conclude", "{label}")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        settings=TOLD.settings,
        scan=SCANS.scan,
        folder=subpath(output.record, parent=True),
        code=code_version("scans.conclusion"),
    shell:
        "jetline conclude --label {wildcards.label} --settings {params.settings:q}"
        " --scan {params.scan:q} --trials @<(printf '%s\\n' {input.trials:q})"
        " --output {params.folder:q} > {log:q} 2>&1"


rule draw_scan:
    input:
        record=PATHS.scan,
    output:
        picture=report(
            PATHS.scan_picture,
            caption="../report/scan.rst",
            category="Taggers",
            labels={"picture": "scan of {label}"},
        ),
        pdf=PATHS.scan_picture_pdf,
    log:
        PATHS.log("draw_scan", "{label}"),
    benchmark:
        PATHS.benchmark("draw_scan", "{label}")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        folder=subpath(output.picture, parent=True),
        code=code_version("report.scan_plot"),
    shell:
        "jetline draw --data {input.record:q} --output {params.folder:q} > {log:q} 2>&1"


rule track_scan:
    input:
        record=PATHS.scan,
        picture=PATHS.scan_picture,
        text=PATHS.scan_text,
        table=PATHS.scan_table,
    output:
        tracked=PATHS.tracked_scan,
    log:
        PATHS.log("track_scan", "{label}"),
    benchmark:
        PATHS.benchmark("track_scan", "{label}")
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        run=PLAN.configuration.run,
        results=TOLD.results,
        code=code_version("tracking.scans"),
    shell:
        "jetline track-scan --run {params.run} --scan {input.record:q}"
        " --results {params.results:q} --output {output.tracked:q} > {log:q} 2>&1"
