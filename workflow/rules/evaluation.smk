rule evaluate:
    input:
        predictions=f"{RUN}/predictions/{{label}}/seed-{{seed}}/{{dataset}}.npz",
        facts=f"{RUN}/trainings/{{label}}/seed-{{seed}}/training.json",
    output:
        metrics=f"{RUN}/evaluation/{{label}}/seed-{{seed}}/{{dataset}}/metrics.json",
        curves=f"{RUN}/evaluation/{{label}}/seed-{{seed}}/{{dataset}}/curves.npz",
    log:
        f"{RUN}/logs/evaluate/{{label}}/seed-{{seed}}/{{dataset}}.log",
    benchmark:
        f"{RUN}/benchmarks/evaluate/{{label}}/seed-{{seed}}/{{dataset}}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="30m",
    params:
        training=subpath(input.facts, parent=True),
        folder=subpath(output.metrics, parent=True),
        seed=CONFIGURATION.seed,
        code=evaluation_code("evaluation.predictions"),
    shell:
        "jetline evaluate --predictions {input.predictions} --training {params.training}"
        " --dataset {wildcards.dataset} --seed {params.seed} {params.folder} > {log} 2>&1"


rule compare:
    input:
        trainings=expand(
            f"{RUN}/trainings/{{training}}/training.json", training=TRAININGS
        ),
        histories=expand(
            f"{RUN}/trainings/{{training}}/history.csv", training=TRAININGS
        ),
        evaluations=expand(
            f"{RUN}/evaluation/{{training}}/{{dataset}}/metrics.json",
            training=TRAININGS,
            dataset=CONFIGURATION.test_on,
        ),
        curves=expand(
            f"{RUN}/evaluation/{{training}}/{{dataset}}/curves.npz",
            training=TRAININGS,
            dataset=CONFIGURATION.test_on,
        ),
    output:
        table=f"{RUN}/comparison/comparison.csv",
        comparison=f"{RUN}/comparison/comparison.json",
    log:
        f"{RUN}/logs/compare.log",
    benchmark:
        f"{RUN}/benchmarks/compare.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime="30m",
    params:
        trainings=[f"{RUN}/trainings/{training}" for training in TRAININGS],
        evaluations=[
            f"{RUN}/evaluation/{training}/{dataset}"
            for training in TRAININGS
            for dataset in CONFIGURATION.test_on
        ],
        folder=subpath(output.table, parent=True),
        code=code_version("evaluation.comparison"),
    shell:
        "jetline compare {params.folder} --trainings {params.trainings}"
        " --evaluations {params.evaluations} > {log} 2>&1"


rule draw_comparison:
    input:
        comparison=f"{RUN}/comparison/comparison.json",
        trainings=expand(
            f"{RUN}/trainings/{{training}}/training.json", training=TRAININGS
        ),
        histories=expand(
            f"{RUN}/trainings/{{training}}/history.csv", training=TRAININGS
        ),
        evaluations=expand(
            f"{RUN}/evaluation/{{training}}/{{dataset}}/metrics.json",
            training=TRAININGS,
            dataset=CONFIGURATION.test_on,
        ),
        curves=expand(
            f"{RUN}/evaluation/{{training}}/{{dataset}}/curves.npz",
            training=TRAININGS,
            dataset=CONFIGURATION.test_on,
        ),
    output:
        roc=report(
            expand(
                f"{RUN}/comparison/roc-{{dataset}}.png", dataset=CONFIGURATION.test_on
            ),
            caption="../report/roc.rst",
            category="Comparison",
            labels={"figure": "background rejection"},
        ),
        auc=report(
            expand(
                f"{RUN}/comparison/auc-{{dataset}}.png", dataset=CONFIGURATION.test_on
            ),
            caption="../report/auc.rst",
            category="Comparison",
            labels={"figure": "area under the ROC curve"},
        ),
        scores=report(
            expand(
                f"{RUN}/comparison/scores-{{dataset}}.png",
                dataset=CONFIGURATION.test_on,
            ),
            caption="../report/scores.rst",
            category="Taggers",
            labels={"figure": "score distributions"},
        ),
        learning=report(
            f"{RUN}/comparison/learning-curves.png",
            caption="../report/learning.rst",
            category="Taggers",
            labels={"figure": "learning curves"},
        ),
    log:
        f"{RUN}/logs/draw_comparison.log",
    benchmark:
        f"{RUN}/benchmarks/draw_comparison.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime="30m",
    params:
        trainings=[f"{RUN}/trainings/{training}" for training in TRAININGS],
        evaluations=[
            f"{RUN}/evaluation/{training}/{dataset}"
            for training in TRAININGS
            for dataset in CONFIGURATION.test_on
        ],
        folder=subpath(input.comparison, parent=True),
        code=code_version("report.comparison_plots"),
    shell:
        "jetline draw {params.folder} --comparison {params.folder}"
        " --trainings {params.trainings} --evaluations {params.evaluations} > {log} 2>&1"


rule configuration:
    output:
        configuration=f"{RUN}/configuration.json",
    log:
        f"{RUN}/logs/configuration.log",
    conda:
        "../../environment.yml"
    params:
        content=settings_json(CONFIGURATION),
    shell:
        "printf '%s\\n' {params.content:q} > {output.configuration} 2> {log}"


rule html_report:
    input:
        comparison=f"{RUN}/comparison/comparison.json",
        plots=rules.draw_comparison.output,
        configuration=f"{RUN}/configuration.json",
        validations=expand(
            f"{RUN}/validation/{{dataset}}/validation.json", dataset=used_datasets()
        ),
        distributions=expand(
            f"{RUN}/validation/{{dataset}}/distributions.png", dataset=used_datasets()
        ),
        cuts=cuts(),
        images=images_page(),
    output:
        page=report(
            f"{RUN}/report.html",
            caption="../report/page.rst",
            category="Comparison",
            labels={"figure": "the whole report"},
        ),
    log:
        f"{RUN}/logs/report.log",
    benchmark:
        f"{RUN}/benchmarks/report.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        comparison=subpath(input.comparison, parent=True),
        validations=expand(f"{RUN}/validation/{{dataset}}", dataset=used_datasets()),
        code=evaluation_code("report.run_page"),
    shell:
        "jetline report {output.page} --comparison {params.comparison}"
        " --configuration {input.configuration} --validations {params.validations}"
        " --cuts {input.cuts} --images {input.images} > {log} 2>&1"
