rule generate_jets:
    output:
        jets=paths.GENERATED,
        settings=paths.GENERATOR_SETTINGS,
    log:
        paths.log("generate", paths.GENERATED_FILE),
    benchmark:
        paths.benchmark("generate", paths.GENERATED_FILE)
    wildcard_constraints:
        source=PLAN.keys_of("pythia"),
        number=r"[0-9]+",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(360),
    params:
        request=TOLD.source,
        code=code_version("sources.pythia.generation"),
    shell:
        "jetline generate {params.request} --file {wildcards.number} --output {output.jets:q}"
        " > {log:q} 2>&1"


# A local job, because compute nodes often have no internet; the profiles limit `downloads`.
# There is no `code`: the sha256 fixes the result, and an edit of ours must not fetch gigabytes
# again. What is not whole yet lies beside the output, because Snakemake removes the outputs of a
# job that fails; `update` keeps it from removing a good file before the job, which stays as it is.
rule download_jets:
    output:
        jets=update(paths.JET_FILE),
    log:
        paths.log("download", paths.FILE),
    benchmark:
        paths.benchmark("download", paths.FILE)
    wildcard_constraints:
        source=PLAN.keys_of("zenodo"),
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        downloads=1,
        mem_mb=200,
        runtime="6h",
    params:
        request=TOLD.source,
    shell:
        "jetline download {params.request} --output {output.jets:q} > {log:q} 2>&1"


# A local job too, for the same reason; nothing is downloaded that lies there already.
rule make_pictures:
    output:
        train=paths.JET_FILE.replace("{file}", "train"),
        validation=paths.JET_FILE.replace("{file}", "validation"),
        test=paths.JET_FILE.replace("{file}", "test"),
    log:
        paths.log("pictures", "{source}"),
    benchmark:
        paths.benchmark("pictures", "{source}")
    wildcard_constraints:
        source=PLAN.keys_of("mnist", "digits"),
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(60),
    params:
        request=TOLD.source,
        folder=subpath(output.train, parent=True),
        code=code_version("sources.digits", "sources.mnist"),
    shell:
        "jetline make-pictures {params.request} --output {params.folder:q} > {log:q} 2>&1"


# Foreign files are written once in the benchmark's form, which all that follows reads.
rule import_jets:
    input:
        jets=foreign_file,
    output:
        jets=paths.JET_FILE,
        understood=IMPORT_RECORD,
    log:
        paths.log("import", paths.FILE),
    benchmark:
        paths.benchmark("import", paths.FILE)
    wildcard_constraints:
        source=PLAN.keys_of("files"),
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        layout=IMPORTS.layout,
        identity=IMPORTS.identity,
        weights=IMPORTS.weights,
        classes=TOLD.classes,
        content=IMPORTS.content,
        code=IMPORTS.code,
    shell:
        "jetline import-jets {params.layout} {params.classes} --identity {params.identity}"
        " {params.weights}"
        " --output {output.jets:q} {input.jets:q} > {log:q} 2>&1"


rule check_jets:
    input:
        jets=jet_file,
    output:
        index=paths.INDEX,
    log:
        paths.log("check", paths.FILE),
    benchmark:
        paths.benchmark("check", paths.FILE)
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        known=TOLD.check,
        classes=TOLD.classes,
        content=TOLD.content,
        code=TOLD.check_code,
    shell:
        "jetline check --name {wildcards.file} {params.known} {params.classes}"
        " --output {output.index:q}"
        " {input.jets:q} > {log:q} 2>&1"
