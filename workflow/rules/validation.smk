# A rule of its own, not part of the check: another observable must not image and train anew.
rule measure_jets:
    input:
        jets=jet_file,
        index="results/jets/{source}/{file}.index.npz",
    output:
        observables="results/jets/{source}/{file}.observables.npz",
    log:
        "results/logs/measure/{source}/{file}.log",
    benchmark:
        "results/benchmarks/measure/{source}/{file}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        code=measurement_code,
    shell:
        "jetline measure {input.jets:q} {output.observables} > {log} 2>&1"


rule validate_dataset:
    input:
        observables=observables,
    output:
        validation=f"{RUN}/validation/{{dataset}}/validation.json",
        table=f"{RUN}/validation/{{dataset}}/validation.csv",
        distributions=report(
            f"{RUN}/validation/{{dataset}}/distributions.png",
            caption="../report/distributions.rst",
            category="Jets",
            labels={"figure": "distributions by class", "dataset": "{dataset}"},
        ),
    log:
        f"{RUN}/logs/validate/{{dataset}}.log",
    benchmark:
        f"{RUN}/benchmarks/validate/{{dataset}}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        folder=subpath(output.validation, parent=True),
        code=code_version("report.jets_page"),
    shell:
        "jetline validate --output {params.folder} {input.observables} > {log} 2>&1"
