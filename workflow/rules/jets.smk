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
        settings=generator_settings,
        code=code_version("jets.pythia"),
    shell:
        "jetline generate --jets {params.settings.jets_per_file}"
        " --seed {params.settings.seed} --file {wildcards.number} {output.jets} > {log} 2>&1"


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
        code=code_version("jets.index"),
    shell:
        "jetline check --name {wildcards.file} {input.jets:q} {output.index} > {log} 2>&1"
