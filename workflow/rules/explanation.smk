rule explain:
    input:
        model=PATHS.model,
        record=PATHS.training,
        shards=EXPLANATIONS.shards,
        parts=EXPLANATIONS.parts,
        observables=EXPLANATIONS.observables(),
    output:
        explanation=PATHS.explanation,
        arrays=EXPLANATIONS.arrays,
    log:
        PATHS.log("explain", PATHS.single),
    benchmark:
        PATHS.benchmark("explain", PATHS.single)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(4000),
        gpu=TOLD.gpus_to_predict,
        runtime=growing(240),
    params:
        training=subpath(input.model, parent=True),
        folder=subpath(output.explanation, parent=True),
        backend=PLAN.configuration.backend,
        dataset=EXPLANATIONS.dataset,
        settings=EXPLANATIONS.settings,
        seed=PLAN.configuration.seed,
        device=PLAN.configuration.device,
        trainings_per_gpu=TOLD.trainings_per_gpu,
        code=TOLD.explanation_code,
    shell:
        "jetline explain --training {params.training:q} --device {params.device}"
        " --trainings-per-gpu {params.trainings_per_gpu}"
        " --backend {params.backend} --threads {threads} --output {params.folder:q}"
        " --dataset {params.dataset} --parts {input.parts:q} --settings {params.settings:q}"
        " --configuration-seed {params.seed} @<(printf '%s\\n' {input.shards:q})"
        " --observables @<(printf '%s\\n' {input.observables:q}) > {log:q} 2>&1"


rule lund_planes:
    input:
        shards=EXPLANATIONS.particles(),
        parts=EXPLANATIONS.whole_parts,
    output:
        planes=PATHS.lund_planes,
        arrays=EXPLANATIONS.lund_arrays,
    log:
        PATHS.log("lund_planes"),
    benchmark:
        PATHS.benchmark("lund_planes")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        folder=subpath(output.planes, parent=True),
        dataset=EXPLANATIONS.dataset,
        classes=TOLD.classes,
        code=code_version("explanation.lund_planes"),
    shell:
        "jetline lund-planes --output {params.folder:q} --dataset {params.dataset}"
        " --parts {input.parts:q} {params.classes}"
        " @<(printf '%s\\n' {input.shards:q}) > {log:q} 2>&1"


rule show_explanations:
    input:
        lund_planes=EXPLANATIONS.lund_planes(),
        explanations=EXPLANATIONS.of_all(PATHS.explanation),
        arrays=EXPLANATIONS.of_all(EXPLANATIONS.arrays),
    output:
        page=report(
            PATHS.explanations_page,
            caption="../report/explanations.rst",
            category="Taggers",
            labels={"picture": "what taggers decide on"},
        ),
    log:
        PATHS.log("show_explanations"),
    benchmark:
        PATHS.benchmark("show_explanations")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(30),
    params:
        pictures=subpath(output.page, strip_suffix=".html"),
        lund_planes=EXPLANATIONS.lund_argument,
        code=code_version("report.explanation_page"),
    shell:
        "jetline show-explanations --output {output.page:q} --pictures {params.pictures:q}"
        " {params.lund_planes}"
        " --explanations @<(printf '%s\\n' {input.explanations:q}) > {log:q} 2>&1"
