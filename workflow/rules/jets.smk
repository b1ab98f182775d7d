rule generate_jets:
    output:
        jets="results/jets/{source}/jets_{number}.npz",
        settings="results/jets/{source}/jets_{number}.json",
    log:
        "results/logs/generate/{source}/jets_{number}.log",
    benchmark:
        "results/benchmarks/generate/{source}/jets_{number}.tsv"
    wildcard_constraints:
        source=r"pythia-[0-9a-f]+",
        number=r"[0-9]+",
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="6h",
    params:
        request=generator_request,
        code=code_version("sources.pythia.generation"),
    shell:
        "jetline generate {params.request} --file {wildcards.number} {output.jets} > {log} 2>&1"


# A local job, because compute nodes often have no internet; the profiles limit `downloads`.
# There is no `code`: the sha256 fixes the result, and an edit of ours must not fetch gigabytes
# again. What is not whole yet lies beside the output, because Snakemake removes the outputs of a
# job that fails; `update` keeps it from removing a good file before the job, which stays as it is.
rule download_jets:
    output:
        jets=update("results/jets/{source}/{file}.npz"),
    log:
        "results/logs/download/{source}/{file}.log",
    benchmark:
        "results/benchmarks/download/{source}/{file}.tsv"
    wildcard_constraints:
        source=r"zenodo-[a-z-]+",
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        downloads=1,
        mem_mb=200,
        runtime="6h",
    params:
        options=download_options,
    shell:
        "jetline download {output.jets} {params.options:q} > {log} 2>&1"


rule check_jets:
    input:
        jets=jet_file,
    output:
        index="results/jets/{source}/{file}.index.npz",
    log:
        "results/logs/check/{source}/{file}.log",
    benchmark:
        "results/benchmarks/check/{source}/{file}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        published=published_hash,
        code=check_code,
    shell:
        "jetline check --name {wildcards.file} {params.published} {input.jets:q} {output.index}"
        " > {log} 2>&1"
