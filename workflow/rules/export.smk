rule export_tagger:
    input:
        model=PATHS.model,
        record=PATHS.training,
    output:
        exported=PATHS.exported,
    log:
        PATHS.log("export", PATHS.single),
    benchmark:
        PATHS.benchmark("export", PATHS.single)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        training=subpath(input.model, parent=True),
        backend=PLAN.configuration.backend,
        code=TOLD.export_code("export.tagger"),
    shell:
        "jetline export --training {params.training:q} --backend {params.backend}"
        " --output {output.exported:q} > {log:q} 2>&1"


# One thread for both, so that jets/s compare.
rule compare_export:
    input:
        exported=PATHS.exported,
        model=PATHS.model,
        record=PATHS.training,
        shards=EXPORTS.shards,
        parts=EXPORTS.parts,
        jets=EXPORTS.jets(),
    output:
        compared=PATHS.compared,
    log:
        PATHS.log("compare_export", PATHS.single),
    benchmark:
        PATHS.benchmark("compare_export", PATHS.single)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(4000),
        runtime=growing(240),
    params:
        training=subpath(input.model, parent=True),
        backend=PLAN.configuration.backend,
        dataset=EXPORTS.dataset,
        code=TOLD.export_code("export.comparison"),
    shell:
        "jetline compare-export --training {params.training:q} --exported {input.exported:q}"
        " --backend {params.backend} --output {output.compared:q} --dataset {params.dataset}"
        " --parts {input.parts:q} @<(printf '%s\\n' {input.shards:q})"
        " --jets @<(printf '%s\\n' {input.jets:q}) > {log:q} 2>&1"
