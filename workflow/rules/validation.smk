# A rule of its own, not part of the check: another observable must not make shards and train anew.
rule measure_jets:
    input:
        jets=jet_file,
        index=paths.INDEX,
    output:
        observables=paths.OBSERVABLES,
    log:
        paths.log("measure", paths.FILE),
    benchmark:
        paths.benchmark("measure", paths.FILE)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        code=TOLD.measurement_code,
    shell:
        "jetline measure --index {input.index:q} --output {output.observables:q}"
        " {input.jets:q} > {log:q} 2>&1"


rule validate_dataset:
    input:
        observables=PLAN.observables,
    output:
        validation=PATHS.validation,
        table=PATHS.validation_table,
        distributions=report(
            PATHS.distributions,
            caption="../report/distributions.rst",
            category="Jets",
            labels={"picture": "distributions by class", "dataset": "{dataset}"},
        ),
        pdf=PATHS.distributions_pdf,
    log:
        PATHS.log("validate", "{dataset}"),
    benchmark:
        PATHS.benchmark("validate", "{dataset}")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10),
    params:
        folder=subpath(output.validation, parent=True),
        code=code_version("report.jets_page"),
    shell:
        "jetline validate --output {params.folder:q} @<(printf '%s\\n' {input.observables:q})"
        " > {log:q} 2>&1"
