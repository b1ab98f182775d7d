rule write_card:
    input:
        model=PATHS.model,
        record=PATHS.training,
        evaluations=CARDS.evaluations(),
        examinations=CARDS.examinations(),
        parts=CARDS.parts,
        jets=CARDS.jets(),
    output:
        model=PATHS.packed,
        record=PATHS.packed_training,
        card=PATHS.card,
    log:
        PATHS.log("card", paths.TRAINING),
    benchmark:
        PATHS.benchmark("card", paths.TRAINING)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        training=subpath(input.model, parent=True),
        folder=subpath(output.card, parent=True),
        datasets=CARDS.datasets,
        code=code_version("taggers.making"),
    shell:
        "jetline write-card --training {params.training:q} --parts {input.parts:q}"
        " --evaluations {input.evaluations:q} --examinations {input.examinations:q}"
        " --datasets @<(printf '%s\\n' {params.datasets:q}) --output {params.folder:q}"
        " --jets @<(printf '%s\\n' {input.jets:q}) > {log:q} 2>&1"
