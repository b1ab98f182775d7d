rule draw_comparison:
    input:
        comparison=PATHS.comparison,
        trainings=PLAN.trainings(PATHS.joint_training),
        histories=PLAN.trainings(PATHS.joint_history),
        evaluations=PLAN.evaluations(PATHS.metrics),
        curves=PLAN.evaluations(PATHS.curves),
        examinations=CLASSES.examinations(),
        configuration=PATHS.configuration,
    output:
        roc=report(
            CLASSES.of_two(PATHS.roc),
            caption="../report/roc.rst",
            category="Comparison",
            labels={"picture": "background rejection"},
        ),
        auc=report(
            PLAN.tests(PATHS.auc),
            caption="../report/auc.rst",
            category="Comparison",
            labels={"picture": "area under the ROC curve"},
        ),
        scores=report(
            CLASSES.of_two(PATHS.scores),
            caption="../report/scores.rst",
            category="Taggers",
            labels={"picture": "score distributions"},
        ),
        improvement=report(
            CLASSES.of_two(PATHS.improvement),
            caption="../report/improvement.rst",
            category="Comparison",
            labels={"picture": "significance improvement"},
        ),
        bins=report(
            CLASSES.of_two(PATHS.bins),
            caption="../report/bins.rst",
            category="Comparison",
            labels={"picture": "rejection in bins"},
        ),
        correlations=report(
            CLASSES.of_two(PATHS.correlations),
            caption="../report/correlations.rst",
            category="Taggers",
            labels={"picture": "correlation of scores"},
        ),
        calibration=report(
            CLASSES.of_two(PATHS.calibration),
            caption="../report/calibration.rst",
            category="Taggers",
            labels={"picture": "calibration"},
        ),
        confusion=report(
            CLASSES.of_more(PATHS.confusion),
            caption="../report/confusion.rst",
            category="Comparison",
            labels={"picture": "confusion matrices"},
        ),
        reliability=report(
            CLASSES.of_more(PATHS.reliability),
            caption="../report/reliability.rst",
            category="Taggers",
            labels={"picture": "calibration by class"},
        ),
        learning=report(
            PATHS.learning_curves,
            caption="../report/learning.rst",
            category="Taggers",
            labels={"picture": "learning curves"},
        ),
        auc_pdf=PLAN.tests(PATHS.auc_pdf),
        pdf=CLASSES.of_two(
            PATHS.roc_pdf,
            PATHS.scores_pdf,
            PATHS.improvement_pdf,
            PATHS.bins_pdf,
            PATHS.correlations_pdf,
            PATHS.calibration_pdf,
        ),
        pdf_by_class=CLASSES.of_more(PATHS.confusion_pdf, PATHS.reliability_pdf),
        learning_pdf=PATHS.learning_curves_pdf,
        data=PATHS.figure_data,
        latex=PATHS.comparison_latex,
    log:
        PATHS.log("draw"),
    benchmark:
        PATHS.benchmark("draw")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        trainings=TOLD.training_folders,
        evaluations=TOLD.evaluation_folders,
        comparison=subpath(input.comparison, parent=True),
        folder=subpath(output.learning, parent=True),
        code=code_version("report.comparison_plots"),
    shell:
        "jetline draw --output {params.folder:q} --comparison {params.comparison:q}"
        " --trainings {params.trainings:q} --evaluations {params.evaluations:q}"
        " --examinations {input.examinations:q} --configuration {input.configuration:q}"
        " > {log:q} 2>&1"


rule show_images:
    input:
        shards=PLAN.shown_image_shards(),
    output:
        page=report(
            PATHS.images_page,
            caption="../report/images.rst",
            category="Jets",
            labels={"picture": "images, to step through"},
        ),
        pictures=[
            report(
                picture,
                caption="../report/mean_images.rst",
                category="Jets",
                labels={"picture": "mean images", "recipe": inputs},
            )
            for inputs, picture in PLAN.mean_images().items()
        ],
        pdf=[
            f"{picture.removesuffix('.png')}.pdf"
            for picture in PLAN.mean_images().values()
        ],
        data=[
            f"{picture.removesuffix('.png')}.npz"
            for picture in PLAN.mean_images().values()
        ],
    log:
        PATHS.log("show_images"),
    benchmark:
        PATHS.benchmark("show_images")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(30),
    params:
        seed=PLAN.configuration.seed,
        pictures=subpath(output.page, strip_suffix=".html"),
        classes=TOLD.classes,
        code=code_version("report.images_page"),
    shell:
        "jetline show images {params.classes} --output {output.page:q} --configuration-seed {params.seed}"
        " --pictures {params.pictures:q} @<(printf '%s\\n' {input.shards:q})"
        " > {log:q} 2>&1"


# Of pictures alone, whose mistakes one can look at.
rule draw_confused:
    input:
        predictions=PICTURES.predictions,
        shards=PICTURES.shards,
    output:
        picture=report(
            PATHS.confused,
            caption="../report/confused.rst",
            category="Taggers",
            labels={"picture": "confused pictures", "tagger": "{label}"},
        ),
        pdf=PATHS.confused_pdf,
        data=PATHS.confused_data,
    log:
        PATHS.log("confused", "{label}/{dataset}"),
    benchmark:
        PATHS.benchmark("confused", "{label}/{dataset}")
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        in_turn=1,
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        seed=PICTURES.seed,
        code=code_version("report.confused"),
    shell:
        "jetline draw-confused --predictions {input.predictions:q} --label {wildcards.label}"
        " --training-seed {params.seed} --dataset {wildcards.dataset} --output {output.picture:q}"
        " @<(printf '%s\\n' {input.shards:q}) > {log:q} 2>&1"


rule configuration:
    output:
        configuration=PATHS.configuration,
    log:
        PATHS.log("configuration"),
    localrule: True
    conda:
        "../../environment.yml"
    params:
        content=TOLD.configuration,
    shell:
        "printf '%s\\n' {params.content:q} > {output.configuration:q} 2> {log:q}"


rule html_report:
    input:
        comparison=PATHS.comparison,
        pictures=rules.draw_comparison.output,
        configuration=PATHS.configuration,
        validations=CLASSES.datasets(PATHS.validation),
        distributions=CLASSES.datasets(PATHS.distributions),
        cuts=PLAN.cuts(),
        images=PLAN.images_page(),
        explanations=EXPLANATIONS.page(),
        judgements=GENERATIVE.page(),
        examinations=CLASSES.examinations(),
        confused=PICTURES.of_all(PATHS.confused_data),
        scans=SCANS.of_all(PATHS.scan),
        scan_pictures=SCANS.of_all(PATHS.scan_picture),
    output:
        page=report(
            PATHS.report,
            caption="../report/page.rst",
            category="Comparison",
            labels={"picture": "the whole report"},
        ),
    log:
        PATHS.log("report"),
    benchmark:
        PATHS.benchmark("report")
    localrule: True
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        comparison=subpath(input.comparison, parent=True),
        validations=TOLD.validation_folders,
        extras=TOLD.report,
        code=TOLD.evaluation_code("report.run_page"),
    shell:
        "jetline report --output {output.page:q} --comparison {params.comparison:q}"
        " --configuration {input.configuration:q} --validations {params.validations:q}"
        " --examinations {input.examinations:q} {params.extras} > {log:q} 2>&1"
