# Jets of a generative model: files as all others, each with the settings that drew it beside.
rule draw_jets:
    input:
        model=GENERATIVE.model,
        record=GENERATIVE.record,
    output:
        jets=paths.GENERATED,
        settings=paths.GENERATOR_SETTINGS,
    log:
        paths.log("draw", paths.GENERATED_FILE),
    benchmark:
        paths.benchmark("draw", paths.GENERATED_FILE)
    wildcard_constraints:
        source=PLAN.keys_of("drawn"),
        number=r"[0-9]+",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        gpu=GENERATIVE.gpus,
        runtime=growing(360),
    params:
        training=subpath(input.model, parent=True),
        request=TOLD.source,
        device=PLAN.configuration.device,
        backend=PLAN.configuration.backend,
        trainings_per_gpu=TOLD.trainings_per_gpu,
        code=GENERATIVE.drawing_code,
    shell:
        "jetline draw-jets --training {params.training:q} {params.request} --file {wildcards.number}"
        " --device {params.device} --trainings-per-gpu {params.trainings_per_gpu}"
        " --backend {params.backend} --threads {threads} --output {output.jets:q} > {log:q} 2>&1"


# Beside as many true jets: all that the model was trained on is read, its test part is the measure.
rule judge_drawn:
    input:
        drawn=GENERATIVE.drawn_files,
        truth=GENERATIVE.truth_files(),
        parts=GENERATIVE.truth_parts,
    output:
        judgement=PATHS.judgement,
        distributions=PATHS.judged_distributions,
    log:
        PATHS.log("judge", "{dataset}"),
    benchmark:
        PATHS.benchmark("judge", "{dataset}")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        folder=subpath(output.judgement, parent=True),
        classes=TOLD.classes,
        seed=PLAN.configuration.seed,
        code=code_version("generative.judging"),
    shell:
        "jetline judge --drawn @<(printf '%s\\n' {input.drawn:q}) --parts {input.parts:q}"
        " --truth @<(printf '%s\\n' {input.truth:q}) {params.classes}"
        " --configuration-seed {params.seed} --output {params.folder:q} > {log:q} 2>&1"


rule show_judgements:
    input:
        judgements=GENERATIVE.judged(PATHS.judgement),
        distributions=GENERATIVE.judged(PATHS.judged_distributions),
    output:
        page=report(
            PATHS.judgements_page,
            caption="../report/judgements.rst",
            category="Jets",
            labels={"picture": "drawn jets beside true ones"},
        ),
    log:
        PATHS.log("show_judgements"),
    benchmark:
        PATHS.benchmark("show_judgements")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(30),
    params:
        pictures=subpath(output.page, strip_suffix=".html"),
        code=code_version("report.judgement_page"),
    shell:
        "jetline show-judgements --output {output.page:q} --pictures {params.pictures:q}"
        " --judgements {input.judgements:q} > {log:q} 2>&1"
